/**
 * The state root: `lock` while somebody changes something here, and `runs/<run id>/` for every run that goes on, or
 * that ended with something still on. A clean run leaves nothing, not even the root.
 */
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Clock } from '../../core/clock.js';
import { WorldError } from '../../core/errors.js';
import { bi } from '../../core/text.js';
import { type Attempt, type Owner, tryExclusive } from './exclusive.js';
import { isSystemError } from './system-error.js';

export const runsFolder = (root: string): string => join(root, 'runs');
export const runFolder = (root: string, runId: string): string => join(runsFolder(root), runId);

const LOCK_LIMIT_MS = 10_000;
const LOCK_POLL_MS = 10;

export interface StateRoot {
  readonly root: string;
  readonly me: Owner;
  readonly clock: Clock;
}

/** Does `work` while no other process changes anything under the root. Never held across a wait: work is short. */
export async function withRootLock<T>(state: StateRoot, work: () => T): Promise<T> {
  const deadlineMs = state.clock.monotonicMs() + LOCK_LIMIT_MS;
  for (;;) {
    const attempt = tryRootLock(state);
    if (attempt.held) {
      try {
        return work();
      } finally {
        attempt.release();
      }
    }
    if (state.clock.monotonicMs() > deadlineMs) throw rootLocked(state.root, attempt.by);
    await state.clock.sleep(LOCK_POLL_MS);
  }
}

function tryRootLock({ root, me }: StateRoot): Attempt {
  for (;;) {
    mkdirSync(root, { recursive: true, mode: 0o700 });
    try {
      return tryExclusive(join(root, 'lock'), me);
    } catch (error) {
      // A run that ended clean took the empty root away between the two calls.
      if (!isSystemError(error, 'ENOENT')) throw error;
    }
  }
}

const rootLocked = (root: string, by: Owner): WorldError =>
  new WorldError({
    code: 'state-locked',
    message: bi(
      `The state folder ${root} has been locked by process ${by.pid} for more than ${LOCK_LIMIT_MS / 1000} s.`,
      `状态目录 ${root} 被进程 ${by.pid} 锁定已超过 ${LOCK_LIMIT_MS / 1000} 秒。`,
    ),
    hint: bi(
      `Look at what process ${by.pid} is doing; it may be stopped.`,
      `请检查进程 ${by.pid} 的状态，它可能被挂起了。`,
    ),
  });

/** Removes a run's folder, and `runs` when it was the last. To be called under the lock of the root. */
export function removeRunFolder(root: string, runId: string): void {
  rmSync(runFolder(root, runId), { recursive: true, force: true });
  removeIfEmpty(runsFolder(root));
}

/** Removes the root when nothing is left in it. To be called without the lock, which lies in it. */
export const removeEmptyRoot = (root: string): void => removeIfEmpty(root);

function removeIfEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch (error) {
    if (!isSystemError(error, 'ENOTEMPTY', 'EEXIST', 'ENOENT')) throw error;
  }
}

/** What killed processes left of taking over locks. Under the root's lock none of it means anything any more. */
export function removeLockRemains(root: string): void {
  for (const name of readdirSync(root)) if (name.startsWith('lock.')) rmSync(join(root, name), { force: true });
}

/** The file holds the old text or the new one, never a part, also after a power cut. */
export function writeDurably(path: string, text: string): void {
  const draft = `${path}.new`;
  const fd = openSync(draft, 'w', 0o600);
  try {
    writeFileSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(draft, path);
  flushFolder(dirname(path));
}

/** A new name in a folder survives a power cut only when the folder is flushed too. */
export function flushFolder(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
