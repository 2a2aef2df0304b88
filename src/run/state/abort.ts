import { existsSync, type FSWatcher, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WorldError } from '../../core/errors.js';
import { bi } from '../../core/text.js';
import { listRuns } from './list.js';

const abortPath = (dir: string): string => join(dir, 'abort');
const LOOK_EVERY_MS = 500;

/** Asks a live run to stop; it reverts and reports by itself. Throws WorldError when it does not run. */
export function requestAbort(root: string, runId: string): void {
  const run = listRuns(root).find((one) => one.runId === runId);
  if (run === undefined || !run.alive) throw notRunning(runId, run?.stillOn ?? false);
  writeFileSync(abortPath(run.dir), '');
}

/** Calls back once, as soon as an abort is asked for (also when it was before). Returns the end of watching. */
export function watchAbort(dir: string, callback: () => void): () => void {
  let watcher: FSWatcher | null = null;
  const stop = (): void => {
    clearInterval(timer);
    watcher?.close();
  };
  const look = (): void => {
    if (!existsSync(abortPath(dir))) return;
    stop();
    callback();
  };
  // The system may run out of watches, or lose an event: the slow look is what counts, the watch makes it quick.
  const timer = setInterval(look, LOOK_EVERY_MS).unref();
  watcher = tryWatch(dir, look);
  look();
  return stop;
}

function tryWatch(dir: string, look: () => void): FSWatcher | null {
  try {
    const watcher = watch(dir, { persistent: false }, look);
    return watcher.on('error', () => watcher.close());
  } catch {
    return null;
  }
}

const notRunning = (runId: string, stillOn: boolean): WorldError =>
  new WorldError({
    code: 'run-not-alive',
    message: bi(
      `There is no run ${runId} going on, so there is nothing to abort.`,
      `没有正在进行的演练 ${runId}，无需中止。`,
    ),
    hint: stillOn
      ? bi(
          `It left something on. Undo it: firedrill recover ${runId}`,
          `它留下了未撤销的改动，请运行：firedrill recover ${runId}`,
        )
      : bi('See what is going on: firedrill status', '查看正在进行的演练：firedrill status'),
  });
