import { WorldError } from '../../core/errors.js';
import type { UndoRecord } from '../../core/fault.js';
import { type Bilingual, bi } from '../../core/text.js';
import { tryExclusive } from './exclusive.js';
import { removeRunFolder, runFolder, type StateRoot } from './folder.js';
import { listRuns, type RunStateSummary } from './list.js';
import { recoverLock } from './recover-lock.js';
import { runIds } from './run-file.js';
import { isSystemError } from './system-error.js';

/** Throws when another run holds one of these keys. To be called under the lock of the root. */
export function refuseShared(root: string, runId: string, keys: readonly string[]): void {
  const others = listRuns(root)
    .filter((run) => run.runId !== runId)
    .map((run) => ({ run, shared: run.keys.filter((key) => keys.includes(key)) }))
    .filter(({ shared }) => shared.length > 0);
  const busy = others.find(({ run }) => run.alive);
  if (busy !== undefined) throw targetBusy(busy.run, busy.shared);
  const left = others.find(({ run }) => run.stillOn);
  if (left !== undefined) throw stillOn(left.run, left.shared);
}

/** Removes what dead runs left here that have nothing to undo. To be called under the lock of the root. */
export function sweepDead({ root, me }: StateRoot, ownRunId: string | null): void {
  const known = new Map(listRuns(root).map((run) => [run.runId, run]));
  for (const runId of runIds(root)) {
    const run = known.get(runId);
    // Without a run file: it was killed while it was made. Making it needs the lock, which we hold.
    const over = run === undefined || (!run.alive && !run.stillOn);
    if (runId !== ownRunId && over && !isBeingRecovered(root, runId, me)) removeRunFolder(root, runId);
  }
}

function isBeingRecovered(root: string, runId: string, me: StateRoot['me']): boolean {
  try {
    const attempt = tryExclusive(recoverLock(runFolder(root, runId)), me);
    if (attempt.held) attempt.release();
    return !attempt.held;
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return true;
    throw error;
  }
}

function targetBusy(run: RunStateSummary, shared: readonly string[]): WorldError {
  const keys = shared.join(', ');
  return new WorldError({
    code: 'target-busy',
    message: bi(
      `Run ${run.runId} (process ${run.pid}) is working on the same target: ${keys}.`,
      `演练 ${run.runId}（进程 ${run.pid}）正在使用同一目标：${keys}。`,
    ),
    hint: bi(
      `Wait until it ends, or stop it: firedrill abort ${run.runId}`,
      `请等待其结束，或将其中止：firedrill abort ${run.runId}`,
    ),
    exit: 'refused',
  });
}

function stillOn(run: RunStateSummary, shared: readonly string[]): WorldError {
  const keys = shared.join(', ');
  const on = describeOutstanding(run.outstanding);
  return new WorldError({
    code: 'still-on',
    message: bi(
      `Run ${run.runId} ended and left this on at the same target (${keys}): ${on.en}.`,
      `演练 ${run.runId} 已结束，但在同一目标（${keys}）上仍有未撤销的改动：${on.zh}。`,
    ),
    hint: bi(`Undo it first: firedrill recover ${run.runId}`, `请先撤销：firedrill recover ${run.runId}`),
    exit: 'still-on',
  });
}

function describeOutstanding(records: readonly UndoRecord[]): Bilingual {
  if (records.length === 0) return bi('something that its last check still saw', '最后一次检查时仍能看到的残留');
  const en = records.map((record) => `${nameOf(record)} (step ${record.step})`);
  const zh = records.map((record) => `${nameOf(record)}（步骤 ${record.step}）`);
  return bi(en.join(', '), zh.join('、'));
}

const nameOf = ({ undoer, nodes }: UndoRecord): string => [undoer, ...nodes].join(' ');
