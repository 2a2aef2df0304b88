/**
 * `undo.jsonl`: one undo record a line, oldest first. Retiring a record overwrites its state, which has a fixed width,
 * in place: it takes no space, so a full disk does not keep a reverted change on the books.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { UndoRecord } from '../../core/fault.js';
import type { RevertCause } from '../../core/journal.js';
import { unreadable } from './run-file.js';
import { isSystemError } from './system-error.js';

export interface UndoEntry {
  readonly record: UndoRecord;
  /** Null = armed: the change may be on. */
  readonly retired: RevertCause | null;
}

const CAUSES = [
  'for',
  'heal',
  'recover-step',
  'rollback',
  'final',
  'stop',
  'recover-command',
] as const satisfies RevertCause[];
const STATE_WIDTH = Math.max(...CAUSES.map((cause) => cause.length));
export const BEFORE_STATE = '{"state":"';

export const stateText = (retired: RevertCause | null): string => (retired ?? 'armed').padEnd(STATE_WIDTH);

export const undoPath = (dir: string): string => join(dir, 'undo.jsonl');

/** What the file of this run folder says. A last line without its end was never armed: its change was not made. */
export const readUndoEntries = (dir: string): readonly UndoEntry[] => scanUndo(undoPath(dir)).entries;

export const outstandingOf = (entries: readonly UndoEntry[]): readonly UndoRecord[] =>
  entries.filter((entry) => entry.retired === null).map((entry) => entry.record);

export interface UndoScan {
  readonly entries: readonly UndoEntry[];
  readonly offsets: readonly (readonly [id: string, offset: number])[];
  readonly wholeBytes: number;
}

export function scanUndo(path: string): UndoScan {
  const bytes = readBytes(path);
  const entries: UndoEntry[] = [];
  const offsets: (readonly [string, number])[] = [];
  let from = 0;
  for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, from)) {
    const entry = parseEntry(bytes.toString('utf8', from, end), path);
    entries.push(entry);
    offsets.push([entry.record.id, from]);
    from = end + 1;
  }
  return { entries, offsets, wholeBytes: from };
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return Buffer.alloc(0);
    throw error;
  }
}

function parseEntry(line: string, path: string): UndoEntry {
  try {
    const value: unknown = JSON.parse(line);
    if (isStored(value)) {
      const { state, ...record } = value;
      // A state that was only half overwritten counts as armed: to revert once more does no harm.
      return { record, retired: CAUSES.find((cause) => cause === state.trimEnd()) ?? null };
    }
  } catch (error) {
    throw unreadable(path, error);
  }
  throw unreadable(path, null);
}

function isStored(value: unknown): value is UndoRecord & { readonly state: string } {
  if (typeof value !== 'object' || value === null) return false;
  const line = value as Partial<Record<keyof UndoRecord | 'state', unknown>>;
  return (
    typeof line.state === 'string' &&
    typeof line.id === 'string' &&
    typeof line.undoer === 'string' &&
    typeof line.step === 'string' &&
    Array.isArray(line.nodes) &&
    typeof line.data === 'object' &&
    line.data !== null
  );
}
