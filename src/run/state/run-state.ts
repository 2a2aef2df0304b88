import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '../../core/clock.js';
import { invariant, WorldError } from '../../core/errors.js';
import type { UndoRecord } from '../../core/fault.js';
import type { RevertCause } from '../../core/journal.js';
import type { TargetBinding } from '../../core/target.js';
import { bi } from '../../core/text.js';
import { watchAbort } from './abort.js';
import { refuseShared, sweepDead } from './claim.js';
import type { Owner } from './exclusive.js';
import {
  flushFolder,
  removeEmptyRoot,
  removeLockRemains,
  removeRunFolder,
  runFolder,
  type StateRoot,
  withRootLock,
} from './folder.js';
import { type RunProgress, writeProgress } from './progress.js';
import { type RunFile, writeRunFile } from './run-file.js';
import { UndoFile } from './undo-file.js';
import { outstandingOf } from './undo-lines.js';

/** A live run's place in the state folder. */
export interface RunState {
  readonly dir: string;
  /**
   * Takes the target for this run, besides what it has. Throws WorldError `target-busy` when a live run shares a key,
   * and `still-on` when a dead run does that left something on. Dead runs with nothing to undo are swept away.
   */
  readonly claim: (keys: readonly string[], binding: TargetBinding | null) => Promise<void>;
  readonly updateBinding: (binding: TargetBinding) => Promise<void>;
  /** On disk when it resolves. When it rejects, the change must not be made. */
  readonly arm: (record: UndoRecord) => Promise<void>;
  readonly retire: (undoId: string, cause: RevertCause) => Promise<void>;
  /** Oldest first. */
  readonly outstanding: () => readonly UndoRecord[];
  readonly writeStatus: (progress: RunProgress) => void;
  /** Calls back once when `firedrill abort` asks for it. Returns the end of watching. */
  readonly onAbort: (callback: () => void) => () => void;
  /** Clean: nothing of the run is left here, and no empty folder. Not clean: kept for `recover`. */
  readonly close: (how: { readonly clean: boolean }) => Promise<void>;
}

export interface OpenRunStateOptions extends Owner {
  readonly root: string;
  readonly runId: string;
  /** Absolute: `recover` may run in another working directory. */
  readonly runDir: string;
  readonly clock: Clock;
}

export async function openRunState(options: OpenRunStateOptions): Promise<RunState> {
  const { root, runId, clock } = options;
  const me: Owner = { pid: options.pid, startTicks: options.startTicks, bootId: options.bootId };
  const place: StateRoot = { root, me, clock };
  const dir = runFolder(root, runId);
  let run: RunFile = {
    schemaVersion: 1,
    runId,
    runDir: options.runDir,
    ...me,
    keys: [],
    binding: null,
    unclean: false,
  };
  await withRootLock(place, () => createFolder(dir, run));
  const undo = await UndoFile.open(dir);
  const watches = new Set<() => void>();
  let closed = false;
  const update = (change: Partial<Pick<RunFile, 'keys' | 'binding' | 'unclean'>>): void => {
    invariant(!closed, `the state of run ${runId} is closed`);
    const changed = { ...run, ...change };
    writeRunFile(dir, changed);
    run = changed;
  };

  return {
    dir,
    claim: (keys, binding) =>
      withRootLock(place, () => {
        sweepDead(place, runId);
        refuseShared(root, runId, keys);
        update({ keys: [...new Set([...run.keys, ...keys])], binding: binding ?? run.binding });
      }),
    updateBinding: async (binding) => update({ binding }),
    arm: (record) => undo.arm(record),
    retire: (undoId, cause) => undo.mark(undoId, cause),
    outstanding: () => outstandingOf(undo.entries()),
    writeStatus: (progress) => writeProgress(dir, { ...progress, at: clock.wallIso() }),
    onAbort: (callback) => {
      const stop = watchAbort(dir, callback);
      watches.add(stop);
      return stop;
    },
    close: async ({ clean }) => {
      if (closed) return;
      for (const stop of watches) stop();
      if (!clean) update({ unclean: true });
      closed = true;
      await undo.close();
      const left = outstandingOf(undo.entries());
      invariant(!clean || left.length === 0, `run ${runId} is closed as clean with ${left.length} changes still on`);
      if (clean) await removeRun(place, runId);
    },
  };
}

function createFolder(dir: string, run: RunFile): void {
  if (existsSync(dir)) {
    throw new WorldError({
      code: 'run-exists',
      message: bi(`There is a run ${run.runId} already.`, `演练 ${run.runId} 已存在。`),
    });
  }
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  writeRunFile(dir, run);
  flushFolder(dirname(dir));
  flushFolder(dirname(dirname(dir)));
}

/** Takes a run's folder away, and the root with it when it was the last thing there. */
export async function removeRun(place: StateRoot, runId: string): Promise<void> {
  await withRootLock(place, () => {
    removeRunFolder(place.root, runId);
    removeLockRemains(place.root);
  });
  removeEmptyRoot(place.root);
}
