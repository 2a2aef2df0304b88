import { WorldError } from '../../core/errors.js';
import type { UndoRecord, World } from '../../core/fault.js';
import { type Bilingual, bi } from '../../core/text.js';
import { clusterOf, type Run, worldOf } from '../context.js';
import { supersedeDataFaults } from '../lift-faults.js';
import { reRegister } from './re-register.js';
import { type ArchiveWay, lookAt, noneLeft, noteTried, type Usable, type Way, waysOf } from './restore-places.js';
import { passed, type StepOf, type StepResult } from './result.js';

/** The places of the drill in their order: from what cannot be restored is told, and the next one is tried. */
export async function restore(run: Run, step: StepOf<'restore'>, signal: AbortSignal): Promise<StepResult> {
  const failures: WorldError[] = [];
  const passedOver: string[] = [];
  for (const way of waysOf(step)) {
    signal.throwIfAborted();
    if (way.way === 're-register') return byOwners(run, step, { way, passedOver, signal });
    const look = await lookAt(run, step, { way, signal });
    passedOver.push(...look.passedOver);
    if (look.usable === null) {
      failures.push(look.failure);
      continue;
    }
    const { file } = look.usable;
    const failure = await restoreFrom(run, step, { usable: look.usable, way, signal });
    if (failure === null) return { ...passed, reason: told(bi(`restored ${file}`, `已恢复 ${file}`), passedOver) };
    failures.push(failure);
    passedOver.push(file);
  }
  throw noneLeft(failures);
}

function told({ en, zh }: Bilingual, passedOver: readonly string[]): Bilingual {
  if (passedOver.length === 0) return bi(en, zh);
  return bi(`${en}; passed over: ${passedOver.join(', ')}`, `${zh}；已跳过：${passedOver.join('、')}`);
}

/** The last resort: the archives are as they are, and the owners still know what they are. */
async function byOwners(
  run: Run,
  step: StepOf<'restore'>,
  on: {
    readonly way: Way & { readonly way: 're-register' };
    readonly passedOver: readonly string[];
    readonly signal: AbortSignal;
  },
): Promise<StepResult> {
  const { command, place, way } = on.way;
  const where = bi('the owners of the instances', '实例的所有者');
  const none = { reason: null, file: null, backupTimeUtc: null };
  run.journal.note({ type: 'restore.tried', step: step.id, place, way, where, outcome: 'taken', ...none });
  const asked = { id: step.id, action: 're-register', ...(command && { command }) } as const;
  const result = await reRegister(run, asked, on.signal);
  return result.reason === null ? result : { ...result, reason: told(result.reason, on.passedOver) };
}

/** Undo on disk → writers pause → the six steps → new expectation → the old data is let go. Null = done. */
async function restoreFrom(
  run: Run,
  step: StepOf<'restore'>,
  on: { readonly usable: Usable; readonly way: ArchiveWay; readonly signal: AbortSignal },
): Promise<WorldError | null> {
  const { usable, way, signal } = on;
  const { archive, backup, file } = usable;
  const services = step.services ?? null;
  const service = services?.join(', ') ?? null;
  const { sha256, backupTimeUtc } = archive.info;
  const scope = service === null ? 'all' : 'service';
  run.journal.note({ type: 'restore.chosen', step: step.id, file, sha256, backupTimeUtc, scope, service });
  const names = service === null ? clusterOf(run).binding.nodes.map((node) => node.name) : [];
  const world = worldOf(run, signal);
  const data = await backup.restore.prepare(world, { archive, service: services });
  signal.throwIfAborted();
  const record = await run.undo.arm({ undoer: 'restore', step: step.id, nodes: names, data });
  run.progress.touched = true;
  const work = (): Promise<void> => replace(run, { step, usable, record, world });
  try {
    await run.nodes.letGo(names, () => (step.traffic === 'go-on' ? work() : withWritersPaused(run, work)));
    return null;
  } catch (error) {
    if (!(error instanceof WorldError) || !mayGoOn(run, record, signal)) throw error;
    noteTried(run, step, { way, outcome: 'failed', archive, reason: error.text });
    return error;
  }
}

/** Only from where it began: with the old data not put back, another try would hide what is wrong. */
const mayGoOn = (run: Run, { id }: UndoRecord, signal: AbortSignal): boolean =>
  !signal.aborted && !run.stop.signal.aborted && !run.undo.outstanding().some((record) => record.id === id);

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
  readonly usable: Usable;
  readonly record: UndoRecord;
  readonly world: World;
}

/** When it fails, the old data goes back at once. */
async function replace(run: Run, on: Replacing): Promise<void> {
  const { step, usable, record, world } = on;
  const { archive, file } = usable;
  const services = step.services ?? null;
  const { restore: port } = usable.backup;
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
