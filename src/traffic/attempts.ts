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
  /** Why the answer proves neither that all is there nor that something is lost. */
  readonly unsure?: string;
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
    const { clock } = this.#options;
    this.#enter(attempt);
    const issuedMs = clock.monotonicMs();
    const { node, answer } = await this.#ask(attempt, send, issuedMs);
    const endedMs = clock.monotonicMs();
    const worth = answer.outcome === 'ok' && judge !== undefined ? judge(answer.value, issuedMs) : null;
    this.#journal(attempt, { node, issuedMs, endedMs, ...verdictOf(answer, worth) });
    this.#leave(attempt);
    return answer;
  }

  /**
   * What was definitely not applied may be asked of the next endpoint at once, within the same limit, as a client with
   * several does: else every request that is due while it tries a dead node would be a gap in what is known of the others.
   */
  async #ask<T>(
    attempt: Attempt,
    send: (call: Call) => Promise<Answer<T>>,
    issuedMs: number,
  ): Promise<{ readonly node: string; readonly answer: Answer<T> }> {
    const { clock, endpoints, limitMs } = this.#options;
    for (let left = endpoints.tries; ; left -= 1) {
      const { client, answered } = endpoints.choose(attempt.op, attempt.entry);
      const leftMs = issuedMs + limitMs - clock.monotonicMs();
      const answer = await this.#send(send, { client, options: { limitMs: leftMs }, issuedMs });
      const served = answer.outcome === 'ok' || answer.leaseGone === true;
      answered(served);
      const goesOn = answer.outcome === 'failed' && !served && clock.monotonicMs() < issuedMs + limitMs;
      if (!goesOn || left <= 1) return { node: client.node, answer };
    }
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

type AttemptVerdict = Pick<BodyOf<'attempt'>, 'outcome' | 'reason' | 'expected' | 'missing' | 'leaseGone'>;
type AttemptEnd = AttemptVerdict & Pick<BodyOf<'attempt'>, 'node' | 'issuedMs' | 'endedMs'>;

function verdictOf(answer: Answer<unknown>, worth: Worth | null): AttemptVerdict {
  if (answer.outcome !== 'ok') {
    const { outcome, reason, leaseGone = false } = answer;
    return { outcome, reason, expected: null, missing: null, leaseGone };
  }
  if (worth === null) return { outcome: 'ok', reason: null, expected: null, missing: null };
  const { expected, missing, unsure } = worth;
  if (unsure !== undefined) return { outcome: 'unknown', reason: unsure, expected, missing };
  if (missing === 0) return { outcome: 'ok', reason: null, expected, missing };
  const reason = `incomplete: ${missing} of ${expected} entries missing or old`;
  return { outcome: 'failed', reason, expected, missing };
}
