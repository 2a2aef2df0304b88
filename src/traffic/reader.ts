/** Discover, round robin over the services; an answer that lacks what must be there has failed. */
import { invariant } from '../core/errors.js';
import type { Attempts } from './attempts.js';
import type { Expectation } from './expectation.js';
import type { Witness } from './witness.js';

export interface ReaderOptions {
  readonly attempts: Attempts;
  readonly expectation: Expectation;
  readonly witness: Witness;
  readonly services: readonly string[];
  /** How many reads in a row ask for the same service (each node in turn). */
  readonly turns: () => number;
  /** Told of every list that was answered. */
  readonly onList: (service: string, instances: ReadonlySet<string>) => void;
  /** Told of every judged answer. */
  readonly onJudged: (service: string, missing: readonly string[], issuedMs: number) => void;
}

/** Makes the function that performs the n-th discover. */
export function createReader(options: ReaderOptions): (n: number, dueMs: number) => Promise<void> {
  const { attempts, expectation, witness, services, turns, onJudged, onList } = options;
  return async (n, dueMs) => {
    const service = services[Math.floor(n / turns()) % services.length];
    invariant(service !== undefined, 'canary traffic has at least one service');
    await attempts.run(
      { op: 'discover', entry: service, version: null, durable: false, again: false, dueMs },
      ({ client, options: limits }) => client.discover(service, limits),
      (entries, issuedMs) => {
        onList(service, new Set(entries.map(({ instance }) => instance)));
        const judged = witness.judge(service, entries) ?? expectation.judge(service, entries, issuedMs);
        onJudged(service, judged.missing, issuedMs);
        return { ...judged, missing: judged.missing.length };
      },
    );
  };
}
