import type { UndoRecord } from '../../core/fault.js';
import { bootId } from '../../core/process-table.js';
import type { TargetBinding } from '../../core/target.js';
import { isRunning } from './exclusive.js';
import { runFolder } from './folder.js';
import { type ProgressFile, readProgress } from './progress.js';
import { readRunFile, runIds } from './run-file.js';
import { outstandingOf, readUndoEntries } from './undo-lines.js';

/** One run that goes on, or that ended with something still on. */
export interface RunStateSummary {
  readonly runId: string;
  /** The run's folder under `reports/`. */
  readonly runDir: string;
  /** Its folder in the state. */
  readonly dir: string;
  readonly pid: number;
  readonly alive: boolean;
  readonly keys: readonly string[];
  readonly binding: TargetBinding | null;
  /** Oldest first. */
  readonly outstanding: readonly UndoRecord[];
  /** It ended and must be recovered: a change is on, or may be. */
  readonly stillOn: boolean;
  readonly progress: ProgressFile | null;
}

/** What the state root knows of, oldest run first. Reads only, and needs no lock. */
export const listRuns = (root: string): readonly RunStateSummary[] =>
  runIds(root).flatMap((runId) => summaryOf(root, runId) ?? []);

function summaryOf(root: string, runId: string): RunStateSummary | null {
  const dir = runFolder(root, runId);
  const run = readRunFile(dir);
  if (run === null) return null;
  const alive = isRunning(run, bootId());
  const outstanding = outstandingOf(readUndoEntries(dir));
  return {
    runId,
    runDir: run.runDir,
    dir,
    pid: run.pid,
    alive,
    keys: run.keys,
    binding: run.binding,
    outstanding,
    stillOn: !alive && (outstanding.length > 0 || run.unclean),
    progress: readProgress(dir),
  };
}
