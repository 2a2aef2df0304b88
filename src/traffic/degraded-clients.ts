/**
 * What applications get at a degradation level. Beside them the drill goes on asking the registry itself, so nothing here
 * is an attempt that its recovery could be measured by: it is journaled as `degraded.attempt`.
 */
import type { Clock } from '../core/clock.js';
import { invariant } from '../core/errors.js';
import type { BodyOf, EventBody, JournalEvent } from '../core/journal.js';
import { askInTurn } from '../core/members.js';
import type { DegradationClients, DegradationNumber } from '../core/plan-decision.js';
import type { Answer, Entry, NodeClient, Registry } from '../core/registry.js';
import type { Expectation } from './expectation.js';

export interface Level {
  readonly level: DegradationNumber;
  readonly clients: DegradationClients;
}

export interface DegradedClientsOptions {
  readonly registry: Registry;
  readonly expectation: Expectation;
  readonly services: readonly string[];
  /** The first so many services are core ones. */
  readonly core: number;
  readonly clock: Clock;
  readonly limitMs: number;
  readonly append: (body: EventBody) => JournalEvent;
  readonly toRunMs: (clockMs: number) => number;
  readonly signal: AbortSignal;
}

interface List {
  readonly instances: ReadonlySet<string>;
  readonly readMs: number;
}

type Body = BodyOf<'degraded.attempt'>;
type Got = Pick<Body, 'servedBy' | 'reason' | 'ageMs'> & { readonly list: ReadonlySet<string> | null };

const PAUSED: Got = { servedBy: 'none', reason: 'held back by the level', ageMs: null, list: null };

export class DegradedClients {
  readonly #options: DegradedClientsOptions;
  /** As every client keeps it: the newest list that it was given. */
  readonly #cache = new Map<string, List>();
  /** As somebody would have written them down before. */
  readonly #fixed = new Map<string, List>();
  readonly #running = new Set<Promise<void>>();
  #broken: { readonly error: unknown } | null = null;
  #turn = 0;

  constructor(options: DegradedClientsOptions) {
    this.#options = options;
  }

  remember(service: string, instances: ReadonlySet<string>): void {
    this.#cache.set(service, { instances, readMs: this.#options.clock.monotonicMs() });
  }

  /** The addresses of now are the fixed ones from here on. */
  writeDown(): void {
    const readMs = this.#options.clock.monotonicMs();
    for (const service of this.#options.services) {
      this.#fixed.set(service, { instances: this.#options.expectation.leasedOf(service), readMs });
    }
  }

  isCore(service: string): boolean {
    return this.#options.services.indexOf(service) < this.#options.core;
  }

  /** A registration that the level holds back. */
  holdBack(level: Level, service: string, dueMs: number): void {
    const nowMs = this.#options.clock.monotonicMs();
    this.#journal(level, { op: 'register', service, dueMs, issuedMs: nowMs, got: PAUSED });
  }

  /** The n-th look-up of an application. Never rejects; what breaks is thrown by `idle`. */
  lookUp(level: Level, n: number, dueMs: number): void {
    const { services } = this.#options;
    const service = services[n % services.length];
    invariant(service !== undefined, 'canary traffic has at least one service');
    const running = this.#lookUp(level, service, dueMs)
      .catch((error: unknown) => {
        this.#broken ??= { error };
      })
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
    if (this.#broken !== null) throw this.#broken.error;
  }

  async #lookUp(level: Level, service: string, dueMs: number): Promise<void> {
    const issuedMs = this.#options.clock.monotonicMs();
    const got = await this.#serve(level.clients, service);
    if (this.#options.signal.aborted) return;
    this.#journal(level, { op: 'discover', service, dueMs, issuedMs, got });
  }

  async #serve(clients: DegradationClients, service: string): Promise<Got> {
    switch (clients) {
      case 'read-only':
        return this.#ask(service, 'node');
      case 'local-cache':
        return this.#listed(this.#cache.get(service), 'cache');
      case 'static':
        return this.#listed(this.#fixed.get(service), 'static');
      case 'core-only':
        return this.isCore(service) ? this.#ask(service, 'registry') : PAUSED;
    }
  }

  #listed(list: List | undefined, servedBy: 'cache' | 'static'): Got {
    if (list === undefined) return { servedBy, reason: 'no list was ever read', ageMs: null, list: null };
    return { servedBy, reason: null, ageMs: this.#options.clock.monotonicMs() - list.readMs, list: list.instances };
  }

  /** `node` = whatever one node itself holds, which may be old; `registry` = as ever. */
  async #ask(service: string, servedBy: 'node' | 'registry'): Promise<Got> {
    const { registry, clock, limitMs, signal } = this.#options;
    const ask = (client: NodeClient, limits: { readonly limitMs: number }): Promise<Answer<readonly Entry[]>> =>
      servedBy === 'node' ? ownList(client, service, limits) : client.discover(service, limits);
    const first = registry.nodes[this.#turn++ % registry.nodes.length];
    const answer = await askInTurn(registry, ask, {
      clock,
      limitMs,
      signal,
      ...(first === undefined || servedBy === 'registry' ? {} : { first }),
    });
    if (answer.outcome !== 'ok') return { servedBy, reason: answer.reason, ageMs: null, list: null };
    const list = new Set(answer.value.map(({ instance }) => instance));
    return { servedBy, reason: null, ageMs: null, list };
  }

  #journal(
    { level }: Level,
    on: { readonly op: Body['op']; readonly service: string; readonly got: Got } & Pick<Body, 'dueMs' | 'issuedMs'>,
  ): void {
    const { append, toRunMs, clock, expectation } = this.#options;
    const { op, service, got, dueMs, issuedMs } = on;
    const { list, ...how } = got;
    const worth = list === null ? null : expectation.judgeList(service, list);
    const useless = worth !== null && worth.good === 0 && worth.expected > 0;
    append({
      type: 'degraded.attempt',
      level,
      op,
      entry: service,
      ...how,
      dueMs: toRunMs(dueMs),
      issuedMs: toRunMs(issuedMs),
      endedMs: toRunMs(clock.monotonicMs()),
      outcome: worth === null || useless ? 'failed' : 'ok',
      reason: useless ? 'no address of the list is good' : how.reason,
      expected: worth?.expected ?? null,
      unseen: worth?.unseen ?? null,
      gone: worth?.gone ?? null,
    });
  }
}

async function ownList(
  client: NodeClient,
  service: string,
  limits: { readonly limitMs: number },
): Promise<Answer<readonly Entry[]>> {
  const answer = await client.listOwn(limits);
  return answer.outcome === 'ok'
    ? { outcome: 'ok', value: answer.value.filter((entry) => entry.service === service) }
    : answer;
}
