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
  const near = names.map((name) => ({ name, edits: editsBetween(wanted, name) }));
  const best = near.reduce<(typeof near)[number] | null>((a, b) => (a === null || b.edits < a.edits ? b : a), null);
  return best !== null && best.edits <= Math.max(2, Math.floor(wanted.length / 3)) ? best.name : null;
}

/** Letters put in, left out or exchanged (Levenshtein), a row of the table at a time. */
function editsBetween(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [row, letter] of a.split('').entries()) {
    let left = row + 1;
    above = above.map((up, column) => {
      if (column === 0) return left;
      const diagonal = above[column - 1] ?? 0;
      left = Math.min(up + 1, left + 1, diagonal + (b[column - 1] === letter ? 0 : 1));
      return left;
    });
  }
  return above[b.length] ?? 0;
}
