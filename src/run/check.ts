import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { plainName } from '../core/archive-label.js';
import type { ArchiveVerdict } from '../core/backup.js';
import { scratchService } from '../core/canary.js';
import { pollUntil } from '../core/clock.js';
import type { ProbeSpec, Scalar } from '../core/drill.js';
import { describeError, invariant } from '../core/errors.js';
import type { BodyOf } from '../core/journal.js';
import type { Outcome } from '../core/outcome.js';
import { ARCHIVES_IN, holds, type Probe, type ProbeWorld, type Sample } from '../core/probe.js';
import type { BackupService } from '../core/services.js';
import { bi } from '../core/text.js';
import { everyArchiveFolder } from './archives.js';
import { activeCluster, type Run } from './context.js';
import { bounded } from './deadline.js';
import { pathIn } from './run-folders.js';

const SAMPLE_LIMIT_MS = 10_000;
/** The last look before the time is up still gets this long: cut shorter it could say nothing. */
const LAST_LOOK_MS = 2_000;
const SAMPLE_GRACE_MS = 250;
const LOOK_EVERY_MS = 100;

export interface CheckPlace {
  readonly place: BodyOf<'check.sampled'>['place'];
  readonly step: string | null;
}

/** Polls until the tolerance holds or the time is up, and journals what was seen last. */
export async function runCheck(
  run: Run,
  spec: ProbeSpec,
  at: CheckPlace & { readonly signal: AbortSignal },
): Promise<Pick<BodyOf<'check.sampled'>, 'outcome' | 'detail'>> {
  const probe = run.services.probes.find(spec.probe);
  invariant(probe !== undefined, `there is no probe named ${spec.probe}`);
  const { clock } = run.services;
  const deadlineMs = clock.monotonicMs() + spec.withinMs;
  const limitMs = (): number =>
    spec.withinMs === 0
      ? SAMPLE_LIMIT_MS
      : Math.min(SAMPLE_LIMIT_MS, Math.max(LAST_LOOK_MS, Math.round(deadlineMs - clock.monotonicMs())));
  const { value: sample, waitedMs } = await pollUntil(
    () => takeSample(run, { probe, spec, signal: at.signal, limitMs: limitMs() }),
    (seen) => holds(spec.tolerance, seen.value) === true,
    { clock, withinMs: spec.withinMs, everyMs: LOOK_EVERY_MS, signal: at.signal },
  );
  const outcome = outcomeOf(holds(spec.tolerance, sample.value));
  const { probe: name, params, tolerance } = spec;
  const { value, detail } = sample;
  run.journal.note({
    type: 'check.sampled',
    place: at.place,
    step: at.step,
    probe: name,
    params,
    tolerance,
    value,
    outcome,
    detail,
    facts: sample.facts ?? {},
    waitedMs,
  });
  return { outcome, detail };
}

/** One look with a probe that no step names; null = there is no such probe. */
export async function runProbe(run: Run, name: string, signal: AbortSignal): Promise<Sample | null> {
  const probe = run.services.probes.find(name);
  if (probe === undefined) return null;
  const spec = { probe: name, params: {}, withinMs: 0, tolerance: probe.defaultTolerance };
  return takeSample(run, { probe, spec, signal, limitMs: SAMPLE_LIMIT_MS });
}

const outcomeOf = (held: boolean | null): Outcome => (held === null ? 'unknown' : held ? 'pass' : 'fail');

/** A probe that throws or hangs could not tell. */
async function takeSample(
  run: Run,
  look: { readonly probe: Probe; readonly spec: ProbeSpec; readonly signal: AbortSignal; readonly limitMs: number },
): Promise<Sample> {
  const { probe, spec, limitMs } = look;
  const ended = await bounded((signal) => probe.sample(probeWorld(run, { signal, limitMs }, spec), spec.params), {
    clock: run.services.clock,
    withinMs: limitMs,
    parent: look.signal,
    graceMs: SAMPLE_GRACE_MS,
  });
  switch (ended.ended) {
    case 'value':
      return ended.value;
    case 'thrown':
      return { value: null, detail: describeError(ended.error) };
    case 'late':
      return { value: null, detail: bi(`no answer within ${limitMs} ms`, `${limitMs} 毫秒内没有结果`) };
    case 'stopped':
      return { value: null, detail: bi('the look was cut off', '检查被中断') };
  }
}

const probeWorld = (
  run: Run,
  look: Required<Pick<ProbeWorld, 'signal' | 'limitMs'>>,
  { params }: ProbeSpec,
): ProbeWorld => ({
  ...look,
  cluster: run.cluster === null ? null : activeCluster(run),
  clock: run.services.clock,
  archives: archivesAtHand(run, params[ARCHIVES_IN]),
  readArchive: (path) => openedBy([run.services.backup, ...run.progress.openers], path),
  expected: () => run.progress.traffic?.expected() ?? null,
  scratchService: scratchService(run.runId),
});

/** With the keys of the command, then with those that have opened an archive in this run. */
async function openedBy([first, ...others]: readonly BackupService[], path: string): Promise<ArchiveVerdict> {
  invariant(first !== undefined, 'there is a backup service');
  const verdict = await first.verify(path);
  return verdict.sound || verdict.key !== true || others.length === 0 ? verdict : openedBy(others, path);
}

/** Newest first by file name, which begins with the time. A folder that the check names and that is not there tells nothing. */
function archivesAtHand(run: Run, named: Scalar | undefined): readonly string[] {
  const own = named === undefined;
  const folders = own ? everyArchiveFolder(run).filter((dir) => existsSync(dir)) : [pathIn(run, String(named))];
  return folders
    .flatMap((dir) =>
      readdirSync(dir)
        .filter((name) => plainName(name).endsWith('.tar.gz'))
        .map((name) => join(dir, name)),
    )
    .sort((a, b) => basename(b).localeCompare(basename(a), 'en'));
}
