import type { Catalog } from '../../core/catalog.js';
import type { Clock } from '../../core/clock.js';
import { WorldError } from '../../core/errors.js';
import type { Undoer } from '../../core/fault.js';
import type { ResumeJournal } from '../../core/journal.js';
import { ownProcess } from '../../core/process-table.js';
import type { Cluster, TargetBinding } from '../../core/target.js';
import { type Bilingual, bi } from '../../core/text.js';
import { sweepDead } from './claim.js';
import { type Attempt, type Owner, tryExclusive } from './exclusive.js';
import { removeEmptyRoot, removeLockRemains, type StateRoot, withRootLock } from './folder.js';
import { listRuns, type RunStateSummary } from './list.js';
import { recoverLock } from './recover-lock.js';
import { type RecoveredRun, recoverRun } from './recover-run.js';
import { runIds } from './run-file.js';
import { isSystemError } from './system-error.js';

export interface RecoverOptions {
  readonly root: string;
  /** Absent = every dead run that left something on. */
  readonly runId?: string;
  readonly clock: Clock;
  readonly undoers: Catalog<Undoer>;
  readonly connect: (binding: TargetBinding | null) => Cluster;
  readonly resumeJournal: ResumeJournal;
  readonly bootId: string;
  /** Who asked for it, for the journal. */
  readonly by: string;
  /** Deadline of each single revert and each look; default 60 s. */
  readonly revertLimitMs?: number;
  readonly onProgress?: (text: Bilingual) => void;
}

export interface RecoverReport {
  /** Empty = there was nothing to undo. */
  readonly runs: readonly RecoveredRun[];
}

/** Undoes what dead runs left on, and proves that nothing is left. Throws `run-alive` or `recover-busy`, having changed nothing. */
export async function recoverRuns(options: RecoverOptions): Promise<RecoverReport> {
  const me: Owner = { ...ownProcess(), bootId: options.bootId };
  const chosen = chooseRuns(options);
  const held: { readonly run: RunStateSummary; readonly release: () => void }[] = [];
  try {
    for (const run of chosen) {
      const lock = tryRecoverLock(run, me);
      if (lock === null) continue;
      if (!lock.held) throw recoverBusy(run, lock.by);
      held.push({ run, release: lock.release });
    }
    const runs: RecoveredRun[] = [];
    // Newest first: a later run may stand on what an earlier one changed.
    for (const { run } of held.reverse()) {
      const still = chooseRuns({ ...options, runId: run.runId })[0];
      if (still !== undefined) runs.push(await recoverRun(still, { ...options, me }));
    }
    return { runs };
  } finally {
    for (const { release } of held) release();
    await sweep({ root: options.root, me, clock: options.clock });
  }
}

/** Runs that were killed before they had changed anything leave a folder that nobody else would take away. */
async function sweep(place: StateRoot): Promise<void> {
  if (runIds(place.root).length === 0) return;
  await withRootLock(place, () => {
    sweepDead(place, null);
    removeLockRemains(place.root);
  });
  removeEmptyRoot(place.root);
}

function chooseRuns(options: Pick<RecoverOptions, 'root' | 'runId'>): readonly RunStateSummary[] {
  const runs = listRuns(options.root);
  const wanted = runs.filter((run) => (options.runId === undefined ? run.stillOn : run.runId === options.runId));
  const alive =
    options.runId === undefined && wanted.length === 0
      ? runs.find((run) => run.alive && run.outstanding.length > 0)
      : wanted.find((run) => run.alive);
  if (alive !== undefined) throw runAlive(alive);
  return wanted;
}

/** Null = another recover has just finished with it. */
function tryRecoverLock(run: RunStateSummary, me: Owner): Attempt | null {
  try {
    return tryExclusive(recoverLock(run.dir), me);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return null;
    throw error;
  }
}

const runAlive = (run: RunStateSummary): WorldError =>
  new WorldError({
    code: 'run-alive',
    message: bi(
      `Run ${run.runId} is still going on (process ${run.pid}) and undoes its own changes.`,
      `演练 ${run.runId} 仍在进行（进程 ${run.pid}），它会自行撤销改动。`,
    ),
    hint: bi(`Stop it: firedrill abort ${run.runId}`, `将其中止：firedrill abort ${run.runId}`),
    exit: 'refused',
  });

const recoverBusy = (run: RunStateSummary, by: Owner): WorldError =>
  new WorldError({
    code: 'recover-busy',
    message: bi(
      `Process ${by.pid} is recovering run ${run.runId} at this moment.`,
      `进程 ${by.pid} 正在恢复演练 ${run.runId}。`,
    ),
    hint: bi('Wait until it has ended.', '请等待其结束。'),
    exit: 'refused',
  });
