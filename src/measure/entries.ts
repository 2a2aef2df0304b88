import type { EventOf } from '../core/journal.js';
import type { EventIndex } from './event-index.js';

/** What an operation leaves behind when it is applied: a version, or nothing. */
export type EntryState = number | 'absent';

export interface Operation {
  readonly seq: number;
  readonly issuedMs: number;
  readonly endedMs: number;
  readonly outcome: 'ok' | 'failed' | 'unknown';
  readonly leaves: EntryState;
}

/** All that was done to one entry, in order of issue, and what follows from it for its state now. */
export interface EntryHistory {
  readonly entry: string;
  readonly leased: boolean;
  readonly newest: Operation;
  /** Newest acknowledged write; null = nothing was ever acknowledged. */
  readonly must: Operation | null;
  /** Versions that were acknowledged at some time. */
  readonly acknowledged: ReadonlySet<number>;
  /** Versions of writes without an acknowledgement, and whether each came after `must`. */
  readonly unacknowledged: ReadonlyMap<number, { readonly afterMust: boolean }>;
  /** A deregistration without an acknowledgement came after `must`. */
  readonly maybeRemoved: boolean;
  /** What acknowledged operations leave that were still under way during a reading: it may show them or not. */
  readonly underWay: ReadonlySet<EntryState>;
  /** In order of issue. */
  readonly operations: readonly Operation[];
}

type WriteAttempt = EventOf<'attempt'> & { readonly op: 'register' | 'deregister' };

/** Attempts that were sent to a registry and that change an entry. */
export function writesOf(index: EventIndex): readonly WriteAttempt[] {
  return index
    .of('attempt')
    .filter(
      (attempt): attempt is WriteAttempt =>
        attempt.op === 'deregister' || (attempt.op === 'register' && attempt.version !== null),
    )
    .filter((attempt) => attempt.node !== null || attempt.outcome !== 'failed');
}

export function entryHistories(writes: readonly WriteAttempt[]): ReadonlyMap<string, EntryHistory> {
  const byEntry = new Map<string, WriteAttempt[]>();
  for (const write of writes) {
    const list = byEntry.get(write.entry);
    if (list === undefined) byEntry.set(write.entry, [write]);
    else list.push(write);
  }
  const histories = new Map<string, EntryHistory>();
  for (const [entry, list] of byEntry) {
    const history = historyOf(entry, list);
    if (history !== null) histories.set(entry, history);
  }
  return histories;
}

function historyOf(entry: string, writes: WriteAttempt[]): EntryHistory | null {
  writes.sort((a, b) => a.issuedMs - b.issuedMs || a.seq - b.seq);
  const operations = writes.map(({ seq, issuedMs, endedMs, outcome, op, version }): Operation => {
    const leaves = op === 'deregister' || version === null ? 'absent' : version;
    return { seq, issuedMs, endedMs, outcome, leaves };
  });
  const newest = operations.at(-1);
  if (newest === undefined) return null;
  const leased = writes.some((write) => !write.durable && write.op === 'register');
  return { entry, leased, newest, operations, ...stateAfter(operations), underWay: new Set() };
}

/** A span in which a node was read; null start = an old journal that does not say. */
interface ReadingSpan {
  readonly startedMs: number | null;
  readonly atMs: number | null;
}

/**
 * What a reading of a node can be held to: what was acknowledged before it began must be in it, what was under way may
 * be, and what was issued after it ended cannot.
 */
export function historyAt(history: EntryHistory, { startedMs, atMs }: ReadingSpan): EntryHistory {
  const { operations } = history;
  if (startedMs === null || operations.every(({ endedMs }) => endedMs <= startedMs)) return history;
  const endedMs = atMs ?? Number.POSITIVE_INFINITY;
  const before = operations.filter((operation) => operation.issuedMs <= endedMs);
  const late = (operation: Operation): boolean => operation.outcome === 'ok' && operation.endedMs > startedMs;
  const sure = before.filter((operation) => !late(operation));
  return { ...history, ...stateAfter(sure), underWay: new Set(before.filter(late).map(({ leaves }) => leaves)) };
}

type State = Pick<EntryHistory, 'must' | 'acknowledged' | 'unacknowledged' | 'maybeRemoved'>;

function stateAfter(operations: readonly Operation[]): State {
  const mustAt = operations.findLastIndex((operation) => operation.outcome === 'ok');
  const acknowledged = new Set<number>();
  const unacknowledged = new Map<number, { readonly afterMust: boolean }>();
  let maybeRemoved = false;
  for (const [at, { outcome, leaves }] of operations.entries()) {
    if (leaves === 'absent') maybeRemoved ||= outcome === 'unknown' && at > mustAt;
    else if (outcome === 'ok') acknowledged.add(leaves);
    else unacknowledged.set(leaves, { afterMust: at > mustAt });
  }
  return { must: operations[mustAt] ?? null, acknowledged, unacknowledged, maybeRemoved };
}
