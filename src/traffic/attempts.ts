/** One attempt: choose an endpoint, send, judge, journal. Attempts overlap; the number in flight is bounded. */
import type { Clock } from '../core/clock.js';
import type { JudgedOperation } from '../core/drill.js';
import { describeError } from '../core/errors.js';
import type { BodyOf, EventBody, JournalEvent, TrafficOperation } from '../core/journal.js';
import type { Answer, CallOptions, NodeClient } from '../core/registry.js';
import type { Endpoints } from './endpoints.js';

export interface Attempt {
  readonly op: TrafficOperation;
  /** `service/instance`, or the service of a discover. */
  readonly entry: string;
  readonly version: number | null;
  readonly durable: boolean;
  readonly again: boolean;
  /** Clock ms. */
  readonly dueMs: number;
}

export interface Call {
  readonly client: NodeClient;
  readonly options: CallOptions;
  readonly issuedMs: number;
}

/** What an answer was worth: a registry that answers without what it must hold has failed. */
export interface Worth {
  readonly expected: number;
  readonly missing: number;
}

export type Count = { attempts: number; ok: number; firstIssuedMs: number | null };

export interface AttemptsOptions {
  readonly endpoints: Endpoints;
  readonly clock: Clock;
  readonly limitMs: number;
  readonly maxInFlight: number;
  readonly append: (body: EventBody) => JournalEvent;
  readonly toRunMs: (clockMs: number) => number;
}

const LAG_WORTH_TELLING_MS = 50;
const LAG_SAMPLE_MS = 1_000;

export class Attempts {
  readonly #options: AttemptsOptions;
  readonly #counts = new Map<TrafficOperation, Count>();
  readonly #inFlight = { all: 0, durable: 0 };
  #idleWaiters: (() => void)[] = [];
  #lagToldMs = Number.NEGATIVE_INFINITY;
  #broken: { readonly error: unknown } | null = null;

  constructor(options: AttemptsOptions) {
    this.#options = options;
  }

  /** Never rejects: what goes wrong on our side is kept for `assertSound`. */
  async run<T>(
    attempt: Attempt,
    send: (call: Call) => Promise<Answer<T>>,
    judge?: (value: T, issuedMs: number) => Worth,
  ): Promise<Answer<T>> {
    if (this.#inFlight.all >= this.#options.maxInFlight) return this.notIssued(attempt, 'too many in flight');
    const { clock, endpoints, limitMs } = this.#options;
    const endpoint = endpoints.choose(attempt.op, attempt.entry);
    this.#enter(attempt);
    const issuedMs = clock.monotonicMs();
    const answer = await this.#send(send, { client: endpoint.client, options: { limitMs }, issuedMs });
    const endedMs = clock.monotonicMs();
    endpoint.answered(answer.outcome === 'ok' || answer.leaseGone === true);
    const worth = answer.outcome === 'ok' && judge !== undefined ? judge(answer.value, issuedMs) : null;
    this.#journal(attempt, { node: endpoint.client.node, issuedMs, endedMs, ...verdictOf(answer, worth) });
    this.#leave(attempt);
    return answer;
  }

  /** An attempt that was due and could not be made is a failed attempt, not a silent gap. */
  notIssued(attempt: Attempt, why: string): Answer<never> {
    const reason = `not issued: ${why}`;
    const nowMs = this.#options.clock.monotonicMs();
    const never = { node: null, outcome: 'failed', reason, expected: null, missing: null } as const;
    this.#journal(attempt, { ...never, issuedMs: nowMs, endedMs: nowMs });
    return { outcome: 'failed', reason };
  }

  /** As it stands now; what is counted later does not change it. */
  counts(op: JudgedOperation): Count {
    return { ...(this.#counts.get(op) ?? { attempts: 0, ok: 0, firstIssuedMs: null }) };
  }

  /** Resolves when none is in flight: of the durable writes, or of all. */
  async idle(which: 'all' | 'durable'): Promise<void> {
    while (this.#inFlight[which] > 0) await new Promise<void>((resolve) => this.#idleWaiters.push(resolve));
    this.assertSound();
  }

  /** Throws what broke inside an attempt: the journal could not be written, or an adapter threw. */
  assertSound(): void {
    if (this.#broken !== null) throw this.#broken.error;
  }

  async #send<T>(send: (call: Call) => Promise<Answer<T>>, call: Call): Promise<Answer<T>> {
    try {
      return await send(call);
    } catch (error) {
      this.#broken ??= { error };
      return { outcome: 'unknown', reason: describeError(error).en };
    }
  }

  #journal(attempt: Attempt, end: AttemptEnd): void {
    const { append, toRunMs } = this.#options;
    const { dueMs, ...what } = attempt;
    const { issuedMs, endedMs, ...how } = end;
    const times = { dueMs: toRunMs(dueMs), issuedMs: toRunMs(issuedMs), endedMs: toRunMs(endedMs) };
    this.#count(attempt.op, how.outcome === 'ok', times.issuedMs);
    try {
      this.#tellLag(times);
      append({ type: 'attempt', ...what, ...times, ...how });
    } catch (error) {
      this.#broken ??= { error };
    }
  }

  #tellLag(times: { readonly dueMs: number; readonly issuedMs: number }): void {
    const lagMs = times.issuedMs - times.dueMs;
    if (lagMs <= LAG_WORTH_TELLING_MS || times.issuedMs < this.#lagToldMs + LAG_SAMPLE_MS) return;
    this.#lagToldMs = times.issuedMs;
    this.#options.append({ type: 'traffic.lag', dueMs: times.dueMs, lagMs });
  }

  #count(op: TrafficOperation, ok: boolean, issuedMs: number): void {
    const count = this.#counts.get(op) ?? { attempts: 0, ok: 0, firstIssuedMs: issuedMs };
    this.#counts.set(op, count);
    count.attempts += 1;
    if (ok) count.ok += 1;
    count.firstIssuedMs = Math.min(count.firstIssuedMs ?? issuedMs, issuedMs);
  }

  #enter(attempt: Attempt): void {
    this.#inFlight.all += 1;
    if (attempt.durable) this.#inFlight.durable += 1;
  }

  #leave(attempt: Attempt): void {
    this.#inFlight.all -= 1;
    if (attempt.durable) this.#inFlight.durable -= 1;
    if (this.#inFlight.durable > 0 && this.#inFlight.all > 0) return;
    const waiters = this.#idleWaiters;
    this.#idleWaiters = [];
    for (const wake of waiters) wake();
  }
}

type AttemptEnd = Pick<
  BodyOf<'attempt'>,
  'node' | 'issuedMs' | 'endedMs' | 'outcome' | 'reason' | 'expected' | 'missing'
>;

function verdictOf(
  answer: Answer<unknown>,
  worth: Worth | null,
): Pick<AttemptEnd, 'outcome' | 'reason' | 'expected' | 'missing'> {
  if (answer.outcome !== 'ok') {
    return { outcome: answer.outcome, reason: answer.reason, expected: null, missing: null };
  }
  if (worth === null) return { outcome: 'ok', reason: null, expected: null, missing: null };
  if (worth.missing === 0) return { outcome: 'ok', reason: null, ...worth };
  const reason = `incomplete: ${worth.missing} of ${worth.expected} entries missing or old`;
  return { outcome: 'failed', reason, ...worth };
}
