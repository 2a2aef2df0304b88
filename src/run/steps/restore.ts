import { WorldError } from '../../core/errors.js';
import type { UndoRecord, World } from '../../core/fault.js';
import { bi } from '../../core/text.js';
import { archiveName, chooseArchive, isOfThisRun, type SoundArchive } from '../archives.js';
import { clusterOf, type Run, worldOf } from '../context.js';
import { supersedeDataFaults } from '../lift-faults.js';
import { passed, type StepOf, type StepResult } from './result.js';

/** Archive verified → undo on disk → writers pause → the six steps → new expectation → the old data is let go. */
export async function restore(run: Run, step: StepOf<'restore'>, signal: AbortSignal): Promise<StepResult> {
  const { archive, damaged } = await soundArchive(run, step);
  const services = step.services ?? null;
  const service = services?.join(', ') ?? null;
  const file = archiveName(run, archive.info.path);
  await admit(run, step, archive);
  const { sha256, backupTimeUtc } = archive.info;
  const scope = service === null ? 'all' : 'service';
  run.journal.note({ type: 'restore.chosen', step: step.id, file, sha256, backupTimeUtc, scope, service });
  const names = service === null ? clusterOf(run).binding.nodes.map((node) => node.name) : [];
  const world = worldOf(run, signal);
  const data = await run.services.backup.restore.prepare(world, { archive, service: services });
  signal.throwIfAborted();
  const record = await run.undo.arm({ undoer: 'restore', step: step.id, nodes: names, data });
  run.progress.touched = true;
  const work = (): Promise<void> => replace(run, { step, archive, file, record, world });
  await run.nodes.letGo(names, () => (step.traffic === 'go-on' ? work() : withWritersPaused(run, work)));
  if (damaged.length === 0) return { ...passed, reason: bi(`restored ${file}`, `已恢复 ${file}`) };
  const passedOver = damaged.join(', ');
  return {
    ...passed,
    reason: bi(
      `restored ${file}; passed over as damaged: ${passedOver}`,
      `已恢复 ${file}；因损坏而跳过：${passedOver}`,
    ),
  };
}

/** What this run backed up itself goes back where it came from: the drill says so by asking for it. */
async function admit(run: Run, step: StepOf<'restore'>, { info }: SoundArchive): Promise<void> {
  if (isOfThisRun(run, info.path)) return;
  const options = { cluster: clusterOf(run), info, service: step.services?.join(', ') ?? null, into: step.into ?? [] };
  await run.services.backup.restore.admit(options);
}

/** Every damaged one that was looked at is journaled: a backup that cannot be restored is a finding of its own. */
async function soundArchive(
  run: Run,
  step: StepOf<'restore'>,
): Promise<{ readonly archive: SoundArchive; readonly damaged: readonly string[] }> {
  const choice = await chooseArchive(run, step.archive, step.atMs);
  const damaged = choice.damaged.map(({ path, reason }) => ({ file: archiveName(run, path), reason }));
  for (const { file, reason } of damaged) {
    run.journal.note({ type: 'archive.refused', step: step.id, file, reason });
  }
  if (choice.archive !== null) return { archive: choice.archive, damaged: damaged.map(({ file }) => file) };
  const why = damaged.map(({ file, reason }) => bi(`${file}: ${reason.en}`, `${file}：${reason.zh}`));
  throw new WorldError({
    code: 'no-sound-archive',
    message:
      why.length === 0
        ? bi('There is no archive to restore from.', '没有可用于恢复的归档。')
        : bi(
            `No archive is sound, and nothing was touched (${why.map((text) => text.en).join('; ')}).`,
            `没有完好的归档，未触碰任何数据（${why.map((text) => text.zh).join('；')}）。`,
          ),
  });
}

async function withWritersPaused(run: Run, work: () => Promise<void>): Promise<void> {
  const { traffic } = run.progress;
  await traffic?.pauseWriters(bi('a restore begins', '开始恢复数据'));
  try {
    await work();
  } finally {
    traffic?.resumeWriters(bi('the restore is over', '恢复数据结束'));
  }
}

interface Replacing {
  readonly step: StepOf<'restore'>;
  readonly archive: SoundArchive;
  readonly file: string;
  readonly record: UndoRecord;
  readonly world: World;
}

/** When it fails, the old data goes back at once. */
async function replace(run: Run, on: Replacing): Promise<void> {
  const { step, archive, file, record, world } = on;
  const services = step.services ?? null;
  const { restore: port } = run.services.backup;
  const rebase = (): void => {
    for (const service of services ?? [null]) {
      run.progress.traffic?.rebase(archive.snapshot, { step: step.id, file, service });
    }
  };
  // Writers that go on write beside the archive's content as soon as it is in place: from then on both are expected.
  const goesOn = step.traffic === 'go-on';
  try {
    await port.execute(world, {
      archive,
      service: services,
      undo: record.data,
      onSubstep: (report) => {
        noteSubstep(run, step, report);
        if (goesOn && report.name === 'restore' && report.outcome === 'pass') rebase();
      },
    });
    if (!goesOn) rebase();
    await port.commit(world, record.data);
  } catch (error) {
    const cause = run.stop.signal.aborted ? 'stop' : 'rollback';
    await run.undo.revert(record, cause);
    throw error;
  }
  await run.undo.revert(record, 'recover-step');
  for (const service of services ?? [null]) await supersedeDataFaults(run, { file, service });
}

type Report = Parameters<Parameters<Run['services']['backup']['restore']['execute']>[1]['onSubstep']>[0];

function noteSubstep(run: Run, step: StepOf<'restore'>, report: Report): void {
  const { toRunMs, note } = run.journal;
  const { startedMs, endedMs, ...rest } = report;
  const times = { startedMs: toRunMs(startedMs), endedMs: toRunMs(endedMs) };
  note({ type: 'restore.substep', step: step.id, ...rest, ...times, expectMs: step.expect[report.name] ?? null });
}
