import type { EventOf } from '../core/journal.js';
import type { FallbackMeasurement, FallbackTry } from '../core/measurement.js';
import type { EventIndex } from './event-index.js';
import type { Ledger } from './ledger.js';

type Tried = EventOf<'restore.tried'>;
type Refused = EventOf<'archive.refused'>;

/** Of each restore that did not take the first archive at hand. */
export function measureFallbacks(index: EventIndex, ledger: Ledger | null): readonly FallbackMeasurement[] {
  const steps = [...new Set(index.of('restore.tried').map(({ step }) => step))];
  return steps.flatMap((step) => {
    const tried = index.of('restore.tried').filter((event) => event.step === step);
    const refused = index.of('archive.refused').filter((event) => event.step === step && event.older !== true);
    const first = tried[0]?.outcome === 'taken' && tried.length === 1;
    return first && refused.length === 0 ? [] : [fallbackOf(index, { step, tried, refused, ledger })];
  });
}

function fallbackOf(
  index: EventIndex,
  on: {
    readonly step: string;
    readonly tried: readonly Tried[];
    readonly refused: readonly Refused[];
    readonly ledger: Ledger | null;
  },
): FallbackMeasurement {
  const { step, tried, refused, ledger } = on;
  const startMs = index.of('step.started').find((event) => event.step === step)?.ms ?? null;
  const last = tried.at(-1);
  const taken = last?.outcome === 'taken' ? last : null;
  const known = [...refused, ...tried.filter((event) => event !== taken)].flatMap(({ file, backupTimeUtc, seq }) =>
    file === null || !backupTimeUtc ? [] : [{ file, backupTimeUtc, seq }],
  );
  const newest = known.toSorted((a, b) => Date.parse(b.backupTimeUtc) - Date.parse(a.backupTimeUtc))[0] ?? null;
  const point =
    taken?.file == null || taken.backupTimeUtc === null ? null : pointOf(index, taken.file, taken.backupTimeUtc);
  const missed = newest === null ? null : pointOf(index, newest.file, newest.backupTimeUtc);
  const between = point === null || missed === null || missed < point ? null : { fromMs: point, toMs: missed };
  return {
    step,
    tries: triesOf(tried, refused, startMs),
    taken:
      taken?.file == null || taken.backupTimeUtc === null
        ? null
        : { file: taken.file, backupTimeUtc: taken.backupTimeUtc },
    byOwners: taken?.way === 're-register',
    newestUtc: newest?.backupTimeUtc ?? null,
    olderByMs: between === null ? null : between.toMs - between.fromMs,
    lostBetween: between === null || ledger === null ? null : lostIn(ledger, between),
    evidence: [...refused, ...tried].map(({ seq }) => seq).toSorted((a, b) => a - b),
  };
}

const lostIn = ({ gone }: Ledger, { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): number =>
  gone.filter(({ verdict: { must } }) => must !== null && must.endedMs > fromMs && must.endedMs <= toMs).length;

/** On the run's clock: exactly for what this run made, else by the time that the archive carries. */
function pointOf(index: EventIndex, file: string, backupTimeUtc: string): number | null {
  const written = index.of('backup.written');
  // A copy of it at another place has its time.
  const own =
    written.find((event) => event.file === file) ?? written.find((event) => event.backupTimeUtc === backupTimeUtc);
  if (own !== undefined) return own.pointMs;
  const pointMs = Date.parse(backupTimeUtc) - Date.parse(index.opened?.at ?? '');
  return Number.isNaN(pointMs) ? null : pointMs;
}

/** As they were told: the archives of a place, then what became of it. */
function triesOf(tried: readonly Tried[], refused: readonly Refused[], startMs: number | null): readonly FallbackTry[] {
  const toldMs = (ms: number | null): number | null => (ms === null || startMs === null ? null : ms - startMs);
  return tried.flatMap((event, i) => {
    const since = tried[i - 1]?.seq ?? -1;
    const here = refused.filter(({ seq }) => seq > since && seq < event.seq);
    const { where, file, backupTimeUtc, outcome, reason } = event;
    const archives = here.map(
      (one): FallbackTry => ({
        where,
        file: one.file,
        backupTimeUtc: one.backupTimeUtc ?? null,
        outcome: one.key === true ? 'key' : 'damaged',
        reason: one.reason,
        toldMs: toldMs(one.ms),
        evidence: [one.seq],
      }),
    );
    // Its archives have said why.
    if (outcome === 'passed-over' && here.length > 0 && file === null) return archives;
    if (outcome === 'taken' && tried[i + 1]?.outcome === 'failed') return archives;
    const word = outcome === 'passed-over' ? (file === null ? 'none' : 'refused') : outcome;
    const own: FallbackTry = {
      where,
      file,
      backupTimeUtc,
      outcome: word,
      reason,
      toldMs: toldMs(event.ms),
      evidence: [event.seq],
    };
    return [...archives, own];
  });
}
