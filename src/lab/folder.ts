/** The folder of a lab and its `lab.json`. */
import { existsSync } from 'node:fs';
import { readFile, rmdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { DriverName, NodeSpec } from '../core/drill.js';
import { writeDurably } from '../core/durable-file.js';
import { WorldError } from '../core/errors.js';
import { bi } from '../core/text.js';

/** How the nodes were started, so that another version or another base port still finds and stops them. */
export interface LabRecord {
  readonly nodes: readonly NodeSpec[];
  /** Absent in a record of an earlier version: process. */
  readonly driver?: DriverName;
  /** The demo data was put in: not again, lest a user's changes be undone. */
  readonly seeded: boolean;
  /** The process that brings the lab up: while it lives and the data is not in, nobody else may. */
  readonly starter: { readonly pid: number; readonly startTicks: number };
}

const labsDir = (stateRoot: string): string => join(resolve(stateRoot), 'labs');
export const labDir = (stateRoot: string, lab: string): string => join(labsDir(stateRoot), lab);
const recordPath = (dir: string): string => join(dir, 'lab.json');

export async function readRecord(dir: string): Promise<LabRecord | null> {
  const path = recordPath(dir);
  if (!existsSync(path)) return null;
  try {
    const record: LabRecord = JSON.parse(await readFile(path, 'utf8'));
    if (!Array.isArray(record.nodes)) throw new Error('it names no nodes');
    return record;
  } catch (error) {
    throw new WorldError({
      code: 'lab-record-unreadable',
      message: bi(`${path} cannot be read: ${error}`, `无法读取 ${path}：${error}`),
      hint: bi(
        `Stop the processes that have ${dir} among their arguments, then remove that folder.`,
        `请结束参数中含 ${dir} 的进程，然后删除该目录。`,
      ),
      cause: error,
    });
  }
}

export const writeRecord = (dir: string, record: LabRecord): Promise<void> =>
  writeDurably(recordPath(dir), `${JSON.stringify({ schemaVersion: 1, ...record }, null, 2)}\n`);

/** Removes `labs/` and the state folder if nothing else is in them. */
export async function removeEmpty(stateRoot: string): Promise<void> {
  for (const dir of [labsDir(stateRoot), resolve(stateRoot)]) {
    try {
      await rmdir(dir);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code === 'ENOENT') continue;
      if (code === 'ENOTEMPTY' || code === 'EEXIST') return;
      throw error;
    }
  }
}
