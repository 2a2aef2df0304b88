/**
 * Thousands of client attempts as one small block: columns of integers with differences instead of values, then gzip,
 * then base64. `templates/report/report.js` unpacks it. Run-length coding only: its bytes do not depend on the
 * processor, as those of the faster matchers do.
 */
import { constants, gzipSync } from 'node:zlib';
import type { EventOf, JournalEvent } from '../../core/journal.js';
import { clean } from '../text/clean.js';

/** Names and columns of the block; times are tenths of a millisecond of the run clock. */
interface Columns {
  readonly seq: number[];
  readonly op: number[];
  readonly entry: number[];
  readonly node: number[];
  readonly due: number[];
  readonly late: number[];
  readonly took: number[];
  readonly outcome: number[];
  readonly reason: number[];
}

export function packAttempts(events: readonly JournalEvent[]): string {
  const attempts = events.flatMap(clientAttempt);
  const entries = [...new Set(attempts.map((attempt) => attempt.entry))].sort();
  const names = {
    op: namesOf(attempts.map((attempt) => attempt.op)),
    entry: new Map(entries.map((name, index) => [name, index])),
    node: namesOf(attempts.map((attempt) => attempt.node ?? '?')),
    outcome: namesOf(attempts.map((attempt) => attempt.outcome)),
    reason: namesOf(attempts.map((attempt) => attempt.reason ?? '')),
  };
  const block = {
    names: {
      op: [...names.op.keys()].map(clean),
      entry: frontCoded(entries.map(clean)),
      node: [...names.node.keys()].map(clean),
      outcome: [...names.outcome.keys()].map(clean),
      reason: [...names.reason.keys()].map(clean),
    },
    columns: columnsOf(attempts, names),
  };
  return gzipSync(JSON.stringify(block), { level: 9, strategy: constants.Z_RLE }).toString('base64');
}

type ClientAttempt = Pick<
  EventOf<'attempt'>,
  'seq' | 'op' | 'entry' | 'node' | 'dueMs' | 'issuedMs' | 'endedMs' | 'outcome' | 'reason'
>;

/** What an application got at a degradation level stands beside the attempts, under the level and what served it. */
function clientAttempt(event: JournalEvent): readonly ClientAttempt[] {
  if (event.type === 'attempt') return [event];
  if (event.type !== 'degraded.attempt') return [];
  return [{ ...event, node: `${event.servedBy} (${event.level})` }];
}

const namesOf = (values: readonly string[]): ReadonlyMap<string, number> =>
  new Map([...new Set(values)].map((name, index) => [name, index]));

function columnsOf(
  attempts: readonly ClientAttempt[],
  names: Readonly<Record<'op' | 'entry' | 'node' | 'outcome' | 'reason', ReadonlyMap<string, number>>>,
): Columns {
  const columns: Columns = {
    seq: [],
    op: [],
    entry: [],
    node: [],
    due: [],
    late: [],
    took: [],
    outcome: [],
    reason: [],
  };
  let seq = 0;
  let due = 0;
  for (const attempt of attempts) {
    const dueTenths = tenths(attempt.dueMs);
    columns.seq.push(attempt.seq - seq);
    columns.due.push(dueTenths - due);
    columns.late.push(tenths(attempt.issuedMs) - dueTenths);
    columns.took.push(tenths(attempt.endedMs - attempt.issuedMs));
    columns.op.push(names.op.get(attempt.op) ?? -1);
    columns.entry.push(names.entry.get(attempt.entry) ?? -1);
    columns.node.push(names.node.get(attempt.node ?? '?') ?? -1);
    columns.outcome.push(names.outcome.get(attempt.outcome) ?? -1);
    columns.reason.push(names.reason.get(attempt.reason ?? '') ?? -1);
    seq = attempt.seq;
    due = dueTenths;
  }
  return columns;
}

const tenths = (ms: number): number => Math.round(ms * 10);

/** Each name as [how many characters it shares with the one before, the rest]. */
function frontCoded(sorted: readonly string[]): readonly (readonly [number, string])[] {
  return sorted.map((name, index) => {
    const before = sorted[index - 1] ?? '';
    let shared = 0;
    while (shared < name.length && name[shared] === before[shared]) shared++;
    return [shared, name.slice(shared)];
  });
}
