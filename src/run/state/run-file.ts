import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WorldError } from '../../core/errors.js';
import type { TargetBinding } from '../../core/target.js';
import { bi } from '../../core/text.js';
import type { Owner } from './exclusive.js';
import { runsFolder, writeDurably } from './folder.js';
import { isSystemError } from './system-error.js';

/** `run.json`: whose run this is, what it holds, and where its journal is. */
export interface RunFile extends Owner {
  readonly schemaVersion: 1;
  readonly runId: string;
  readonly runDir: string;
  readonly keys: readonly string[];
  readonly binding: TargetBinding | null;
  /** The run ended without being clean, whatever its undo records say. */
  readonly unclean: boolean;
}

export const writeRunFile = (dir: string, run: RunFile): void =>
  writeDurably(join(dir, 'run.json'), `${JSON.stringify(run, null, 2)}\n`);

/** Null = no such run, or one that was killed before it wrote anything; it cannot have changed anything. */
export function readRunFile(dir: string): RunFile | null {
  const path = join(dir, 'run.json');
  const text = readIfThere(path);
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    if (isRunFile(value)) return value;
  } catch (error) {
    throw unreadable(path, error);
  }
  throw unreadable(path, null);
}

/** Names of the run folders, oldest run id first. */
export function runIds(root: string): readonly string[] {
  try {
    return readdirSync(runsFolder(root)).sort();
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return [];
    throw error;
  }
}

export function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return null;
    throw error;
  }
}

export const unreadable = (path: string, cause: unknown): WorldError =>
  new WorldError({
    code: 'state-unreadable',
    message: bi(
      `${path} is damaged, so it cannot be told what a run left on.`,
      `${path} 已损坏，无法得知某次演练留下了什么改动。`,
    ),
    hint: bi(
      'Look at the nodes by hand, then remove the folder of that run.',
      '请手工检查各节点，然后删除该次演练的目录。',
    ),
    exit: 'still-on',
    cause,
  });

function isRunFile(value: unknown): value is RunFile {
  if (typeof value !== 'object' || value === null) return false;
  const run = value as Partial<Record<keyof RunFile, unknown>>;
  return (
    run.schemaVersion === 1 &&
    typeof run.runId === 'string' &&
    typeof run.runDir === 'string' &&
    typeof run.pid === 'number' &&
    typeof run.startTicks === 'number' &&
    typeof run.bootId === 'string' &&
    typeof run.unclean === 'boolean' &&
    Array.isArray(run.keys) &&
    run.keys.every((key) => typeof key === 'string') &&
    typeof run.binding === 'object'
  );
}
