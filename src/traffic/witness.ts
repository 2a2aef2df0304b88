/** Services of other owners that the drill is about to damage: what was in them has to be found again. */
import type { Entry } from '../core/registry.js';
import { type Judged, NOTHING_EXPECTED } from './expectation.js';

interface Seen {
  readonly durable: ReadonlySet<string>;
  readonly leased: ReadonlySet<string>;
}

export class Witness {
  readonly #services = new Map<string, Seen>();

  /** From now on these instances have to be listed. */
  expect(service: string, entries: readonly Pick<Entry, 'instance' | 'leased'>[]): void {
    const named = (wanted: boolean): ReadonlySet<string> =>
      new Set(entries.filter(({ leased }) => leased === wanted).map(({ instance }) => instance));
    this.#services.set(service, { durable: named(false), leased: named(true) });
  }

  /**
   * Null = a service that nobody witnesses. A changed value is its owner's business; an absent instance is not. A leased
   * one may have been ended by its owner, so it is not asked for beside durable ones; where there is nothing else, its
   * absence is never a success, and no proof of a loss either.
   */
  judge(service: string, answer: readonly Entry[]): Judged | null {
    const must = this.#services.get(service);
    if (must === undefined) return null;
    const listed = new Set(answer.map(({ instance }) => instance));
    const absent = (wanted: ReadonlySet<string>): readonly string[] => [...wanted].filter((one) => !listed.has(one));
    if (must.durable.size > 0) return { expected: must.durable.size, missing: absent(must.durable) };
    const { size } = must.leased;
    const missing = absent(must.leased);
    if (size > 0 && missing.length === 0) return { expected: size, missing };
    return { expected: size, missing, unsure: size === 0 ? NOTHING_EXPECTED : leasedAreGone(missing.length, size) };
  }
}

const leasedAreGone = (missing: number, size: number): string =>
  `${missing} of ${size} leased instances are gone: taken away, or ended by their owners`;
