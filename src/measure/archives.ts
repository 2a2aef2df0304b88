import type { RestoreSubstep } from '../core/drill.js';
import type { Json } from '../core/fault.js';
import type { EventOf } from '../core/journal.js';
import type { BackupMeasurement, Measurements, RestoreMeasurement } from '../core/measurement.js';
import type { EventIndex } from './event-index.js';

export const measureBackups = (index: EventIndex): readonly BackupMeasurement[] =>
  index.of('backup.written').map((written) => {
    const { step, file, sha256, bytes, backupTimeUtc, services, instances, pointMs, seq } = written;
    const substeps = index.of('backup.substep').filter((event) => event.step === step);
    return {
      step,
      file,
      sha256,
      bytes,
      backupTimeUtc,
      services,
      instances,
      ...chainOf(index, written),
      pointMs,
      substeps: substeps.map(({ name, startedMs, endedMs, outcome, detail }) => ({
        name,
        tookMs: endedMs - startedMs,
        outcome,
        detail,
      })),
      evidence: [...substeps.map((event) => event.seq), seq],
    };
  });

type Written = EventOf<'backup.written'>;

function chainOf(
  index: EventIndex,
  { mode, base, instead }: Written,
): Pick<BackupMeasurement, 'mode' | 'fullBytes' | 'instead'> {
  const full = mode === 'incremental' ? index.of('backup.written').find(({ file }) => file === base) : undefined;
  return { ...(mode && { mode }), ...(full && { fullBytes: full.bytes }), ...(instead && { instead }) };
}

export const measureDamaged = (index: EventIndex): Measurements['damagedArchives'] =>
  index.of('archive.refused').map(({ step, file, reason, key, seq }) => ({
    step,
    file,
    reason,
    ...(key && { key }),
    evidence: [seq],
  }));

/** One row per archive that was tried: a step that falls back to another archive has several. */
export function measureRestores(index: EventIndex): readonly RestoreMeasurement[] {
  const chosen = index.of('restore.chosen');
  return chosen.map((choice, i) => {
    const next = chosen.slice(i + 1).find((other) => other.step === choice.step);
    const substeps = index
      .of('restore.substep')
      .filter((event) => event.step === choice.step && event.seq > choice.seq && event.seq < (next?.seq ?? Infinity));
    return {
      step: choice.step,
      file: choice.file,
      scope: choice.scope,
      service: choice.service,
      backupTimeUtc: choice.backupTimeUtc,
      substeps: substeps.map((event) => ({
        name: event.name,
        startMs: event.startedMs,
        tookMs: event.endedMs - event.startedMs,
        expectMs: event.expectMs,
        outcome: event.outcome,
        detail: event.detail,
        evidence: [event.seq],
      })),
      sixSteps: choice.scope === 'all' && isSixSteps(substeps),
      evidence: [choice.seq, ...substeps.map((event) => event.seq)],
    };
  });
}

const SIX_STEPS: readonly RestoreSubstep[] = ['stop', 'clear', 'restore', 'verify', 'start', 'registrations'];

/** The six steps of seed §5.2, in order, each passed, with process ids and file hashes to prove it. */
function isSixSteps(substeps: readonly EventOf<'restore.substep'>[]): boolean {
  const six = substeps.filter((event) => SIX_STEPS.includes(event.name));
  const inOrder = six.length === SIX_STEPS.length && six.every((event, i) => event.name === SIX_STEPS[i]);
  // Our own look at the archive before the stop is none of the six: `unknown` there says that writes went on meanwhile.
  const allPass = six.every((event) => event.outcome === 'pass');
  const proves = (names: readonly RestoreSubstep[], proof: (facts: Json) => boolean): boolean =>
    substeps.some((event) => names.includes(event.name) && proof(event.facts));
  return (
    inOrder &&
    allPass &&
    proves(['stop'], hasPid) &&
    proves(['start'], hasPid) &&
    proves(['restore', 'verify'], hasHash)
  );
}

function hasPid(facts: Json): boolean {
  return walk(facts, (key, value) => /pid/i.test(key) && typeof value === 'number');
}
function hasHash(facts: Json): boolean {
  return walk(facts, (_, value) => typeof value === 'string' && /\b[0-9a-f]{64}\b/.test(value));
}

/** True when some number, text or flag in the facts fits; `key` is the dotted path of names down to it. */
function walk(facts: Json, fits: (key: string, value: Json) => boolean, key = ''): boolean {
  if (facts === null || typeof facts !== 'object') return fits(key, facts);
  return Object.entries(facts).some(([name, value]) => walk(value, fits, `${key}.${name}`));
}
