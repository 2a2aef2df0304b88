/** Services of other owners that the drill is about to damage: what was in them has to be found again. */
import type { Entry } from '../core/registry.js';

export class Witness {
  readonly #services = new Map<string, ReadonlySet<string>>();

  /** From now on these durable instances have to be listed; leased ones are their owners' to keep. */
  expect(service: string, entries: readonly Pick<Entry, 'instance' | 'leased'>[]): void {
    this.#services.set(service, new Set(entries.filter(({ leased }) => !leased).map(({ instance }) => instance)));
  }

  /** Null = a service that nobody witnesses. A changed value is its owner's business; an absent instance is not. */
  judge(
    service: string,
    answer: readonly Entry[],
  ): { readonly expected: number; readonly missing: readonly string[] } | null {
    const must = this.#services.get(service);
    if (must === undefined) return null;
    const seen = new Set(answer.map(({ instance }) => instance));
    return { expected: must.size, missing: [...must].filter((instance) => !seen.has(instance)) };
  }
}
