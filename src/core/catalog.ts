import { closest, distance } from 'fastest-levenshtein';
import { invariant } from './errors.js';

/** An explicit, ordered list of drivers of one kind, found by name. */
export interface Catalog<T> {
  readonly all: readonly T[];
  readonly names: readonly string[];
  readonly find: (name: string) => T | undefined;
}

export function catalogOf<T extends { readonly name: string }>(items: readonly T[]): Catalog<T> {
  const byName = new Map(items.map((item) => [item.name, item]));
  invariant(byName.size === items.length, `a catalog has a name twice: ${items.map((i) => i.name).join(', ')}`);
  return { all: items, names: [...byName.keys()], find: (name) => byName.get(name) };
}

/** The name a typo most likely meant, or null when nothing is near. */
export function nearestName(wanted: string, names: readonly string[]): string | null {
  if (names.length === 0) return null;
  const best = closest(wanted, [...names]);
  return distance(wanted, best) <= Math.max(2, Math.floor(wanted.length / 3)) ? best : null;
}
