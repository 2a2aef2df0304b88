import type { LedgerClass, LedgerCounts, LedgerMeasurement } from '../core/measurement.js';
import { LEDGER_CLASSES } from '../core/measurement.js';
import { type EntryVerdict, judgeEntry, type SeenState } from './classify.js';
import { type EntryHistory, entryHistories, writesOf } from './entries.js';
import type { EventIndex } from './event-index.js';
import { leaseBook } from './leases.js';
import { type NodeReading, nodeReadings } from './readings.js';

export interface JudgedEntry {
  readonly history: EntryHistory;
  readonly verdict: EntryVerdict;
}

/** The ledger, and what of it the loss is worked out from. */
export interface Ledger {
  readonly measurement: LedgerMeasurement;
  readonly gone: readonly JudgedEntry[];
  readonly readAtMs: number | null;
}

const SAMPLES_PER_CLASS = 20;

/** Null when nothing was written or no node could be read: then nothing is known, which is not the same as no loss. */
export function measureLedger(index: EventIndex): Ledger | null {
  const readings = nodeReadings(index);
  const readable = readings.filter((reading) => reading.readable);
  if (readable.length === 0 || index.of('traffic.started').length === 0) return null;
  const writes = writesOf(index);
  const leases = leaseBook(index);
  const judged = [...withStrangers(entryHistories(writes), readable).values()]
    .map((history) => ({ history, verdict: judgeEntry(history, readable, leases) }))
    .sort((a, b) => (a.history.entry < b.history.entry ? -1 : 1));
  const known = judged.filter(({ history }) => history.newest.seq > 0).map(({ history }) => history.newest);
  const count = (holds: (entry: JudgedEntry) => boolean): number => judged.filter(holds).length;
  const settled = index.of('ledger.settled').map((event) => event.seq);
  const measurement: LedgerMeasurement = {
    ...countOutcomes(known),
    operations: countOutcomes(writes),
    present: count(({ verdict }) => verdict.classes.includes('present')),
    lost: count((entry) => isOf('lost', entry)),
    ghost: count((entry) => isOf('ghost', entry)),
    stale: count((entry) => isOf('stale', entry)),
    resurrected: count((entry) => isOf('resurrected', entry)),
    divergent: readable.length < 2 ? null : count((entry) => isOf('divergent', entry)),
    reregistered: new Set(writes.filter((w) => w.again && w.outcome === 'ok').map((w) => w.entry)).size,
    healed: leases.healed().length,
    nodes: readings.map((reading) => ({
      node: reading.node,
      readable: reading.readable,
      ...countNode(judged, readable.indexOf(reading)),
    })),
    samples: LEDGER_CLASSES.flatMap((c) => samplesOf(c, judged, readable)),
    evidence: [...settled, ...readings.flatMap((reading) => reading.evidence)],
  };
  return {
    measurement,
    gone: judged.filter(({ verdict }) => verdict.lost || verdict.lostUpdate),
    readAtMs: readable[0]?.atMs ?? null,
  };
}

function isOf(wanted: LedgerClass, { verdict }: JudgedEntry): boolean {
  if (wanted === 'lost') return verdict.lost;
  if (wanted === 'divergent') return verdict.divergent;
  return verdict.classes.includes(wanted);
}

/** Entries on a node that nobody here ever wrote: they were never acknowledged, so they should not be there. */
function withStrangers(
  histories: ReadonlyMap<string, EntryHistory>,
  readable: readonly NodeReading[],
): ReadonlyMap<string, EntryHistory> {
  const all = new Map(histories);
  const nothing = { seq: 0, issuedMs: 0, endedMs: 0, outcome: 'failed', leaves: 'absent' } as const;
  for (const entry of readable.flatMap((reading) => [...reading.holds.keys()])) {
    if (all.has(entry)) continue;
    all.set(entry, {
      entry,
      leased: false,
      newest: nothing,
      must: null,
      acknowledged: new Set(),
      unacknowledged: new Map(),
      maybeRemoved: false,
      underWay: new Set(),
      operations: [],
    });
  }
  return all;
}

function countOutcomes(
  operations: readonly { readonly outcome: 'ok' | 'failed' | 'unknown' }[],
): LedgerMeasurement['operations'] {
  const counts = { ok: 0, failed: 0, unknown: 0 };
  for (const { outcome } of operations) counts[outcome] += 1;
  return { issued: operations.length, acknowledged: counts.ok, failed: counts.failed, unknown: counts.unknown };
}

function countNode(judged: readonly JudgedEntry[], at: number): LedgerCounts {
  const counts = { present: 0, absent: 0, stale: 0, ghost: 0, resurrected: 0 };
  for (const { verdict } of judged) {
    const found = verdict.classes[at];
    if (found !== undefined && found !== 'gone' && found !== 'lapsed') counts[found] += 1;
  }
  return counts;
}

function samplesOf(
  wanted: LedgerClass,
  judged: readonly JudgedEntry[],
  readable: readonly NodeReading[],
): LedgerMeasurement['samples'] {
  return judged
    .filter((entry) => isOf(wanted, entry))
    .slice(0, SAMPLES_PER_CLASS)
    .map(({ history, verdict }) => ({
      entry: history.entry,
      class: wanted,
      expected: describe(verdict.must?.leaves ?? 'absent'),
      seen: Object.fromEntries(readable.map(({ node }, i) => [node, describe(verdict.seen[i] ?? 'absent')])),
      evidence: [
        ...(verdict.must === null ? [] : [verdict.must.seq]),
        ...readable.flatMap((r) => r.evidence.slice(0, 1)),
      ],
    }));
}

const describe = (state: SeenState): string => (typeof state === 'number' ? `v${state}` : state);
