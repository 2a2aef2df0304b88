import type { EntryHistory, EntryState } from './entries.js';
import type { LeaseBook } from './leases.js';
import type { NodeReading } from './readings.js';

/** What one node's state of an entry means, given what was acknowledged (semantics.md, Ledger). */
export type NodeClass = 'present' | 'gone' | 'lapsed' | 'absent' | 'stale' | 'ghost' | 'resurrected';

/** `other` = a value that no canary wrote. */
export type SeenState = EntryState | 'other';

function seenOn(reading: NodeReading, entry: string): SeenState {
  const version = reading.holds.get(entry);
  if (version === undefined) return 'absent';
  return version ?? 'other';
}

function classify(
  history: EntryHistory,
  seen: SeenState,
  at: { readonly leases: LeaseBook; readonly atMs: number | null },
): NodeClass {
  const must = history.must?.leaves ?? 'absent';
  if (seen === must) return seen === 'absent' ? 'gone' : 'present';
  if (seen === 'absent') {
    if (history.maybeRemoved) return 'ghost';
    return history.leased && at.leases.mayBeGone(history.entry, at.atMs) ? 'lapsed' : 'absent';
  }
  if (seen !== 'other' && history.unacknowledged.has(seen)) return 'ghost';
  // What nobody wrote is not what was acknowledged: the nearest class is an old value, or one that should be gone.
  return must === 'absent' ? 'resurrected' : 'stale';
}

/** Everything the readable nodes say of one entry. */
export interface EntryVerdict {
  readonly seen: readonly SeenState[];
  readonly classes: readonly NodeClass[];
  readonly lost: boolean;
  /** It is there, but its newest acknowledged value is on no readable node. */
  readonly lostUpdate: boolean;
  readonly divergent: boolean;
}

export function judgeEntry(history: EntryHistory, readable: readonly NodeReading[], leases: LeaseBook): EntryVerdict {
  const seen = readable.map((reading) => seenOn(reading, history.entry));
  const classes = seen.map((state, i) => classify(history, state, { leases, atMs: readable[i]?.atMs ?? null }));
  const mustBeThere = typeof history.must?.leaves === 'number';
  const replaced = (state: SeenState): boolean =>
    typeof state === 'number' && history.unacknowledged.get(state)?.afterMust === true;
  const held = classes.some((c, i) => c === 'present' || c === 'lapsed' || replaced(seen[i] ?? 'absent'));
  const maybeRemoved = history.maybeRemoved && classes.includes('ghost');
  const anywhere = seen.some((state) => state !== 'absent');
  return {
    seen,
    classes,
    lost: mustBeThere && !held && !maybeRemoved && !anywhere,
    lostUpdate: mustBeThere && !held && anywhere && !(maybeRemoved && seen.includes('absent')),
    divergent: new Set(seen).size > 1,
  };
}
