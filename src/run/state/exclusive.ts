/**
 * A lock that a killed owner cannot keep. It is a symbolic link whose target names the owner: the system makes it with
 * its content in one step, or not at all, so nobody ever sees a lock without an owner.
 *
 * A dead owner's lock may only be removed by who holds the lock on that very removal (`<lock>.<mark of the dead>`), and
 * only after looking at it once more. So of many that find it stale one removes it, and none removes a fresh one.
 */
import { randomBytes } from 'node:crypto';
import { readlinkSync, symlinkSync, unlinkSync } from 'node:fs';
import { invariant } from '../../core/errors.js';
import { isAlive } from '../../core/process-table.js';
import { isSystemError } from './system-error.js';

/** Names one process of one boot. */
export interface Owner {
  readonly pid: number;
  readonly startTicks: number;
  readonly bootId: string;
}

export type Attempt =
  | { readonly held: true; readonly release: () => void }
  | { readonly held: false; readonly by: Owner };

/** `bootId` is this boot's: nothing of another boot is alive. */
export const isRunning = (owner: Owner, bootId: string): boolean =>
  owner.bootId === bootId && isAlive(owner.pid, owner.startTicks);

/** Takes the lock if it is free or its owner is dead. Throws ENOENT when its folder is gone. */
export function tryExclusive(path: string, me: Owner): Attempt {
  const token = [me.pid, me.startTicks, me.bootId, randomBytes(6).toString('hex')].join(':');
  for (;;) {
    if (createLink(token, path)) return { held: true, release: () => removeLink(path) };
    const found = readLink(path);
    if (found === null) continue;
    const holder = parseToken(found, path);
    if (isRunning(holder, me.bootId)) return { held: false, by: holder };
    const removal = tryExclusive(`${path}.${holder.mark}`, me);
    if (!removal.held) return removal;
    if (readLink(path) === found) removeLink(path);
    removal.release();
  }
}

function createLink(token: string, path: string): boolean {
  try {
    symlinkSync(token, path);
    return true;
  } catch (error) {
    if (isSystemError(error, 'EEXIST')) return false;
    throw error;
  }
}

function readLink(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return null;
    throw error;
  }
}

/** Who sweeps up after a dead owner may have removed it already. */
function removeLink(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) throw error;
  }
}

function parseToken(token: string, path: string): Owner & { readonly mark: string } {
  const [pid, startTicks, bootId, mark] = token.split(':');
  invariant(bootId !== undefined && mark !== undefined, `${path} is not a lock of ours: it says "${token}"`);
  return { pid: Number(pid), startTicks: Number(startTicks), bootId, mark };
}
