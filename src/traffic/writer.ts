/** The durable mix: which entry the n-th write touches, and what an answer means for the next ones. */

import type { Clock } from '../core/clock.js';
import type { Attempts } from './attempts.js';
import type { Expectation } from './expectation.js';
import { durableSlot, keyOf, rawOf, type Slot } from './population.js';

interface Item {
  readonly slot: Slot;
  version: number;
  /** No longer written: its present state has to stay readable for the ledger. */
  retired: boolean;
}

type Choice = { readonly op: 'register' | 'deregister'; readonly item: Item; readonly fresh: boolean };

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
  #writes = 0;
  #named = 0;
  /** Entries that exist or may exist. */
  #held = 0;

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  /** The next write of the mix; returns when it has been answered. */
  async write(dueMs: number): Promise<void> {
    const { attempts, expectation, clock } = this.#options;
    const choice = this.#choose(this.#writes++);
    if (choice === null) {
      const entry = keyOf(durableSlot(this.#options.services, this.#named));
      attempts.notIssued({ op: 'register', entry, version: null, durable: true, again: false, dueMs }, NOTHING_FREE);
      return;
    }
    const { op, item } = choice;
    const version = op === 'register' ? ++item.version : null;
    const write = { slot: item.slot, durable: true, left: version };
    this.#idle.delete(item);
    expectation.issued(write);
    const attempt = { op, entry: keyOf(item.slot), version, durable: true, again: false, dueMs };
    const { outcome } = await attempts.run(attempt, ({ client, options }) =>
      version === null
        ? client.deregister(item.slot, options)
        : client.register({ ...nameOf(item.slot), value: rawOf(item.slot, version) }, options),
    );
    expectation.settled(write, outcome, clock.monotonicMs());
    this.#settle(choice, outcome);
  }

  /** What a restore brought back or lost has to stay visible: entries of these services are not written again. */
  retire(services: ReadonlySet<string>): void {
    for (const item of this.#live) {
      if (!services.has(item.slot.service)) continue;
      item.retired = true;
      this.#live.delete(item);
      this.#idle.delete(item);
    }
  }

  /** Of ten writes one removes the oldest entry, two overwrite, seven are new: as long as there is room. */
  #choose(n: number): Choice | null {
    const oldest = n % 10 === 9 ? this.#oldestIdle() : undefined;
    if (oldest !== undefined) return { op: 'deregister', item: oldest, fresh: false };
    const [stalest] = this.#idle;
    const room = this.#held < this.#options.maxEntries;
    if (stalest !== undefined && (n % 5 === 3 || !room)) return { op: 'register', item: stalest, fresh: false };
    return room ? { op: 'register', item: this.#fresh(), fresh: true } : null;
  }

  #oldestIdle(): Item | undefined {
    for (const item of this.#live) if (this.#idle.has(item)) return item;
    return undefined;
  }

  #fresh(): Item {
    this.#held += 1;
    return { slot: durableSlot(this.#options.services, this.#named++), version: 0, retired: false };
  }

  #settle({ op, item, fresh }: Choice, outcome: 'ok' | 'failed' | 'unknown'): void {
    if (outcome === 'unknown') {
      // Never written again: the states it may be in stay exact.
      this.#live.delete(item);
      return;
    }
    const gone = outcome === 'ok' ? op === 'deregister' : fresh;
    if (gone) {
      this.#held -= 1;
      this.#live.delete(item);
    } else if (!item.retired) {
      this.#live.add(item);
      this.#idle.add(item);
    }
  }
}

const NOTHING_FREE = 'traffic.maxEntries is reached and no entry is free to be overwritten';

const nameOf = (slot: Slot): { readonly service: string; readonly instance: string } => ({
  service: slot.service,
  instance: slot.instance,
});
