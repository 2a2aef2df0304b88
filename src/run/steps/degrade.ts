import { dirname, resolve } from 'node:path';
import { WorldError } from '../../core/errors.js';
import type { UndoRecord } from '../../core/fault.js';
import type { DegradationLevel } from '../../core/plan-decision.js';
import { type Bilingual, bi } from '../../core/text.js';
import type { Degraded, Run } from '../context.js';
import { runCommand } from '../run-command.js';
import { passed, type StepOf, type StepResult } from './result.js';

/**
 * Undo on disk → the plan's commands → the clients change. A level that is on is left first; meanwhile the clients stay as
 * they are, so that nothing but the commands decides what they get.
 */
export async function degrade(run: Run, step: StepOf<'degrade'>, signal: AbortSignal): Promise<StepResult> {
  const startedMs = run.services.clock.monotonicMs();
  if (step.level === null) return leave(run);
  const level = levelOf(run, step.level);
  const left = await leaveCommands(run);
  if (left !== null) return { outcome: 'fail', reason: left };
  const record = await arm(run, step, level);
  const failure = record === null ? null : await enter(run, { step, level }, signal);
  if (failure !== null) return rollBack(run, record, failure);
  signal.throwIfAborted();
  await changeClients(run, { step: step.id, level: step.level, record }, { level, startedMs });
  return { ...passed, reason: bi(`level ${step.level} entered`, `已进入级别 ${step.level}`) };
}

function levelOf(run: Run, wanted: number): DegradationLevel {
  const level = run.recoveryPlan.degradation?.levels.find((one) => one.level === wanted);
  if (level !== undefined) return level;
  throw new WorldError({
    code: 'no-level',
    message: bi(`The recovery plan has no degradation level ${wanted}.`, `恢复预案中没有降级级别 ${wanted}。`),
  });
}

/** Null = the level has no commands: what it changes ends with the drill's own clients. */
async function arm(run: Run, step: StepOf<'degrade'>, level: DegradationLevel): Promise<UndoRecord | null> {
  if (level.enter.length === 0 && level.leave.length === 0) return null;
  const data = { step: step.id, level: level.level, cwd: planFolder(run), leave: level.leave };
  const record = await run.undo.arm({ undoer: 'degrade', step: step.id, nodes: [], data });
  run.progress.touched = true;
  return record;
}

/** The plan's paths are relative to the plan. */
const planFolder = ({ drillDir, drill }: Run): string =>
  drill.recoveryPlan === undefined ? drillDir : dirname(resolve(drillDir, drill.recoveryPlan));

const everyNode = (run: Run): readonly string[] => run.cluster?.binding.nodes.map((node) => node.name) ?? [];

/** Why the first command that failed did; null = all ended well. */
async function enter(
  run: Run,
  { step, level }: { readonly step: StepOf<'degrade'>; readonly level: DegradationLevel },
  signal: AbortSignal,
): Promise<Bilingual | null> {
  for (const argv of level.enter) {
    const failure = await runCommand(run, { step: step.id, argv, cwd: planFolder(run), env: {}, signal });
    if (failure !== null) return failure;
  }
  return null;
}

/** What a command that failed may have begun is taken back at once. */
async function rollBack(run: Run, record: UndoRecord | null, failure: Bilingual): Promise<StepResult> {
  if (record === null) return { outcome: 'fail', reason: failure };
  const cause = run.stop.signal.aborted ? 'stop' : 'rollback';
  const { reverted, detail } = await run.nodes.letGo(everyNode(run), () => run.undo.revert(record, cause));
  await run.progress.traffic?.degrade(null);
  const also = reverted ? bi('', '') : bi(`; ${detail.en}`, `；${detail.zh}`);
  return { outcome: 'fail', reason: bi(`${failure.en}${also.en}`, `${failure.zh}${also.zh}`) };
}

async function changeClients(
  run: Run,
  to: Degraded,
  { level, startedMs }: { readonly level: DegradationLevel; readonly startedMs: number },
): Promise<void> {
  const { toRunMs, note } = run.journal;
  const { clients, title, loses, withinMs } = level;
  await run.progress.traffic?.degrade({ level: to.level, clients });
  run.progress.degraded = to;
  note({
    type: 'degrade.entered',
    step: to.step,
    level: to.level,
    clients,
    title,
    commands: level.enter.length,
    startedMs: toRunMs(startedMs),
    enteredMs: toRunMs(run.services.clock.monotonicMs()),
    planMs: withinMs ?? null,
    loses,
  });
}

async function leave(run: Run): Promise<StepResult> {
  const on = run.progress.degraded;
  if (on === null) return { outcome: 'fail', reason: bi('no degradation level is on', '当前没有任何降级') };
  const failure = await leaveCommands(run);
  if (failure !== null) return { outcome: 'fail', reason: failure };
  await run.progress.traffic?.degrade(null);
  return { ...passed, reason: bi(`level ${on.level} left`, `已退出级别 ${on.level}`) };
}

/** Runs the leave commands of the level that is on. Why they failed; null = no level is on any more. */
async function leaveCommands(run: Run): Promise<Bilingual | null> {
  const on = run.progress.degraded;
  if (on === null) return null;
  const { record } = on;
  if (record !== null) {
    const result = await run.nodes.letGo(everyNode(run), () => run.undo.revert(record, 'recover-step'));
    if (!result.reverted) return result.detail;
  }
  run.progress.degraded = null;
  const leftMs = run.journal.toRunMs(run.services.clock.monotonicMs());
  run.journal.note({ type: 'degrade.left', step: on.step, level: on.level, leftMs });
  return null;
}
