import { type EntryHistory, type EntryState, historyAt, type Operation } from './entries.js';
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

function classify(history: EntryHistory, reading: NodeReading, leases: LeaseBook): NodeClass {
  const seen = seenOn(reading, history.entry);
  const must = history.must?.leaves ?? 'absent';
  if (seen === must || (seen !== 'other' && history.underWay.has(seen))) return seen === 'absent' ? 'gone' : 'present';
  if (seen === 'absent') {
    if (history.maybeRemoved) return 'ghost';
    return history.leased && leases.mayBeGone(history.entry, reading) ? 'lapsed' : 'absent';
  }
  if (seen !== 'other' && history.unacknowledged.has(seen)) return 'ghost';
  // What nobody wrote is not what was acknowledged: the nearest class is an old value, or one that should be gone.
  return must === 'absent' ? 'resurrected' : 'stale';
}

/** Everything the readable nodes say of one entry. */
export interface EntryVerdict {
  readonly seen: readonly SeenState[];
  readonly classes: readonly NodeClass[];
  /** Newest write that every reading can be held to. */
  readonly must: Operation | null;
  readonly lost: boolean;
  /** It is there, but its newest acknowledged value is on no readable node. */
  readonly lostUpdate: boolean;
  readonly divergent: boolean;
}

export function judgeEntry(history: EntryHistory, readable: readonly NodeReading[], leases: LeaseBook): EntryVerdict {
  const at = readable.map((reading) => historyAt(history, reading));
  const seen = readable.map((reading) => seenOn(reading, history.entry));
  const classes = readable.map((reading, i) => classify(at[i] ?? history, reading, leases));
  const mustBeThere = at.every(({ must }) => typeof must?.leaves === 'number');
  const replaced = (state: SeenState): boolean =>
    typeof state === 'number' && at.some(({ unacknowledged }) => unacknowledged.get(state)?.afterMust === true);
  const held = classes.some((c, i) => c === 'present' || c === 'lapsed' || replaced(seen[i] ?? 'absent'));
  // Absent by a removal without an answer, or by one that was under way.
  const mayBeRemoved = classes.some((c, i) => seen[i] === 'absent' && (c === 'ghost' || c === 'gone'));
  const anywhere = seen.some((state) => state !== 'absent');
  const stoodStill = at.every(({ underWay, must }) => underWay.size === 0 && must?.seq === at[0]?.must?.seq);
  return {
    seen,
    classes,
    must: oldest(at.map(({ must }) => must)),
    lost: mustBeThere && !held && !mayBeRemoved && !anywhere,
    lostUpdate: mustBeThere && !held && anywhere && !mayBeRemoved,
    divergent: stoodStill && new Set(seen).size > 1,
  };
}

function oldest(operations: readonly (Operation | null)[]): Operation | null {
  return operations.reduce((a, b) => (a === null || b === null || a.seq <= b.seq ? a : b), operations[0] ?? null);
}
