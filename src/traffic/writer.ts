/** The durable mix: which entry the n-th write touches, and what an answer means for the next ones. */

import type { Clock } from '../core/clock.js';
import { inParallel } from '../core/parallel.js';
import type { Attempts } from './attempts.js';
import type { Expectation } from './expectation.js';
import { durableSlot, keyOf, rawOf, type Slot } from './population.js';

interface Item {
  readonly slot: Slot;
  version: number;
  /** doubtful: its newest write is unknown; retired: a loss of it has to stay visible. Both are left alone while there is room. */
  state: 'live' | 'doubtful' | 'retired';
  /** Its owner has not begun to remove it. */
  owned: boolean;
  /** When it was last written, or tried to be. */
  writtenMs: number;
}

interface Choice {
  readonly op: 'register' | 'deregister';
  readonly item: Item;
  readonly fresh: boolean;
  /** By an owner that was told to register again. */
  readonly again: boolean;
  readonly was: Item['state'];
}

/** No registry is further behind its own acknowledgements than this. */
const NEWEST_MS = 5_000;
const CONCURRENCY = 16;
const AGAIN_AFTER_MS = 200;

export interface WriterOptions {
  readonly attempts: Attempts;
  readonly expectation: Expectation;
  readonly services: readonly string[];
  readonly clock: Clock;
  /** Most durable entries that may exist at one time. */
  readonly maxEntries: number;
}

export class Writer {
  readonly #options: WriterOptions;
  /** Acknowledged and not removed, oldest first. */
  readonly #live = new Set<Item>();
  /** The live ones without an operation in flight, least recently written first. */
  readonly #idle = new Set<Item>();
  /** The others without an operation in flight. */
  readonly #doubtful = new Set<Item>();
  readonly #retired = new Set<Item>();
  readonly #inFlight = new Set<Item>();
  #leftAloneMs: number | null = null;
  #writes = 0;
  #named = 0;
  /** Entries that exist or may exist. */
  #held = 0;

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  /**
   * The next registration of the mix, and with every tenth a removal beside it: one in its place would be a gap, and
   * recovery is measured to within the gap between registrations. Returns when all is answered. Only entries of `services`
   * are touched.
   */
  async write(dueMs: number, services = this.#options.services): Promise<void> {
    const n = this.#writes++;
    const registration = this.#take(this.#toRegister(n, services), 'register');
    const removal = n % 10 === 9 ? this.#take(this.#toRemove(services), 'deregister') : null;
    if (registration === null) this.#notIssued(dueMs);
    const chosen = [registration, removal].filter((choice) => choice !== null);
    await Promise.all(chosen.map((choice) => this.#send(choice, dueMs)));
  }

  /**
   * Every entry that its owner has not begun to remove is registered again, those in flight once they are answered.
   * Until the signal, again and again what is not acknowledged.
   */
  async registerAllAgain(until: AbortSignal): Promise<{ readonly owned: number; readonly back: number }> {
    const { clock } = this.#options;
    const sinceMs = clock.monotonicMs();
    const owned = new Set<Item>();
    const back = new Set<Item>();
    const isOld = (item: Item): boolean =>
      item.owned && !back.has(item) && (owned.has(item) || item.writtenMs < sinceMs);
    for (;;) {
      const free = [...this.#idle, ...this.#doubtful, ...this.#retired].filter(isOld);
      for (const item of free) owned.add(item);
      const waiting = [...this.#inFlight].some(isOld);
      if ((free.length === 0 && !waiting) || until.aborted) {
        // One that its owner began to remove meanwhile is nobody's any more.
        return { owned: [...owned].filter((item) => item.owned || back.has(item)).length, back: back.size };
      }
      const answers = await inParallel(free, CONCURRENCY, async (item) => {
        const choice = until.aborted ? null : this.#take(item, 'register', true);
        return choice !== null && (await this.#send(choice, clock.monotonicMs())) === 'ok' ? [item] : [];
      });
      for (const item of answers.flat()) back.add(item);
      if (answers.flat().length < free.length || waiting) await clock.sleep(AGAIN_AFTER_MS, until);
    }
  }

  /**
   * Before something that may lose the newest writes: those since the last such moment are left alone, or they would
   * be written again and look as if they had been there all the time. Older entries go on being overwritten and removed.
   */
  leaveAlone(): void {
    const nowMs = this.#options.clock.monotonicMs();
    const sinceMs = this.#leftAloneMs ?? nowMs - NEWEST_MS;
    this.#leftAloneMs = nowMs;
    for (const item of [...this.#live, ...this.#doubtful]) {
      if (item.writtenMs < sinceMs) continue;
      const inFlight = this.#live.has(item) && !this.#idle.has(item);
      item.state = 'retired';
      this.#forget(item);
      if (!inFlight) this.#retired.add(item);
    }
  }

  /**
   * What a restore brought back or lost has to stay visible. `archived` = all that can be there after it, as
   * `service/instance`; null = anything may.
   */
  retire(services: ReadonlySet<string>, archived: ReadonlySet<string> | null): void {
    for (const item of [...this.#live, ...this.#doubtful, ...this.#retired]) {
      if (!services.has(item.slot.service)) continue;
      const inFlight = this.#live.has(item) && !this.#idle.has(item);
      item.state = 'retired';
      this.#forget(item);
      if (inFlight) continue;
      if (archived === null || archived.has(keyOf(item.slot))) this.#retired.add(item);
      else this.#held -= 1;
    }
  }

  /** Of ten registrations two overwrite and eight are new; without room all overwrite, what was left alone as the last. */
  #toRegister(n: number, services: readonly string[]): Item | null {
    const stalest = first(this.#idle, services);
    const room = this.#held < this.#options.maxEntries;
    if (stalest !== undefined && (n % 5 === 3 || !room)) return stalest;
    if (room)
      return {
        slot: durableSlot(services, this.#named++),
        version: 0,
        state: 'live',
        owned: true,
        writtenMs: 0,
      };
    return first(this.#doubtful, services) ?? first(this.#retired, services) ?? null;
  }

  /** The oldest. */
  #toRemove(services: readonly string[]): Item | null {
    for (const item of this.#live) if (this.#idle.has(item) && services.includes(item.slot.service)) return item;
    return null;
  }

  #take(item: Item | null, op: Choice['op'], again = false): Choice | null {
    if (item === null || this.#inFlight.has(item)) return null;
    this.#inFlight.add(item);
    item.owned = op === 'register';
    const fresh = item.version === 0;
    if (fresh) this.#held += 1;
    for (const set of [this.#idle, this.#doubtful, this.#retired]) set.delete(item);
    return { op, item, fresh, again, was: item.state };
  }

  async #send(choice: Choice, dueMs: number): Promise<'ok' | 'failed' | 'unknown'> {
    const { attempts, expectation, clock } = this.#options;
    const { op, item, again } = choice;
    item.writtenMs = clock.monotonicMs();
    const version = op === 'register' ? ++item.version : null;
    const write = { slot: item.slot, durable: true, left: version };
    expectation.issued(write);
    const attempt = { op, entry: keyOf(item.slot), version, durable: true, again, dueMs };
    const { outcome } = await attempts.run(attempt, ({ client, options }) =>
      version === null
        ? client.deregister(item.slot, options)
        : client.register({ ...nameOf(item.slot), value: rawOf(item.slot, version) }, options),
    );
    expectation.settled(write, outcome, clock.monotonicMs());
    this.#inFlight.delete(item);
    this.#settle(choice, outcome);
    return outcome;
  }

  #notIssued(dueMs: number): void {
    const entry = keyOf(durableSlot(this.#options.services, this.#named));
    const attempt = { op: 'register', entry, version: null, durable: true, again: false, dueMs } as const;
    this.#options.attempts.notIssued(attempt, NOTHING_FREE);
  }

  #settle({ op, item, fresh, was }: Choice, outcome: 'ok' | 'failed' | 'unknown'): void {
    if (outcome === 'failed') item.owned = true;
    if (outcome === 'ok' ? op === 'deregister' : outcome === 'failed' && fresh) {
      this.#held -= 1;
      this.#forget(item);
      return;
    }
    // What a restore has touched meanwhile stays retired.
    if (item.state === was && outcome !== 'failed') item.state = outcome === 'ok' ? 'live' : 'doubtful';
    this.#park(item);
  }

  #park(item: Item): void {
    if (item.state !== 'live') {
      this.#live.delete(item);
      (item.state === 'doubtful' ? this.#doubtful : this.#retired).add(item);
      return;
    }
    this.#live.add(item);
    this.#idle.add(item);
  }

  #forget(item: Item): void {
    for (const set of [this.#live, this.#idle, this.#doubtful, this.#retired]) set.delete(item);
  }
}

function first(items: ReadonlySet<Item>, services: readonly string[]): Item | undefined {
  for (const item of items) if (services.includes(item.slot.service)) return item;
  return undefined;
}

const NOTHING_FREE = 'traffic.maxEntries is reached and every entry has an operation in flight';

const nameOf = (slot: Slot): { readonly service: string; readonly instance: string } => ({
  service: slot.service,
  instance: slot.instance,
});
