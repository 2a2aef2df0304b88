/**
 * `undo.jsonl`: one undo record a line, oldest first. Retiring a record overwrites its state, which has a fixed width,
 * in place: it takes no space, so a full disk does not keep a reverted change on the books.
 */
import { constants, readFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { invariant, WorldError } from '../../core/errors.js';
import type { UndoRecord } from '../../core/fault.js';
import type { RevertCause } from '../../core/journal.js';
import { bi } from '../../core/text.js';
import { flushFolder } from './folder.js';
import { unreadable } from './run-file.js';
import { isSystemError } from './system-error.js';

export interface UndoEntry {
  readonly record: UndoRecord;
  /** Null = armed: the change may be on. */
  readonly retired: RevertCause | null;
}

const CAUSES = ['for', 'heal', 'recover-step', 'final', 'stop', 'recover-command'] as const satisfies RevertCause[];
const STATE_WIDTH = Math.max(...CAUSES.map((cause) => cause.length));
const BEFORE_STATE = '{"state":"';

const stateText = (retired: RevertCause | null): string => (retired ?? 'armed').padEnd(STATE_WIDTH);

const undoPath = (dir: string): string => join(dir, 'undo.jsonl');

/** What the file of this run folder says. A last line without its end was never armed: its change was not made. */
export const readUndoEntries = (dir: string): readonly UndoEntry[] => scan(undoPath(dir)).entries;

export const outstandingOf = (entries: readonly UndoEntry[]): readonly UndoRecord[] =>
  entries.filter((entry) => entry.retired === null).map((entry) => entry.record);

/** The file of one run, written by one process at a time, one change after the other. */
export class UndoFile {
  private readonly path: string;
  private readonly file: FileHandle;
  private readonly offsets: Map<string, number>;
  private readonly kept: Map<string, UndoEntry>;
  private size: number;
  private folderFlushed = false;
  private tail: Promise<void> = Promise.resolve();

  static async open(dir: string): Promise<UndoFile> {
    const path = undoPath(dir);
    const found = scan(path);
    return new UndoFile(path, await open(path, constants.O_RDWR | constants.O_CREAT, 0o600), found);
  }

  private constructor(path: string, file: FileHandle, found: Scan) {
    this.path = path;
    this.file = file;
    this.size = found.wholeBytes;
    this.offsets = new Map(found.offsets);
    this.kept = new Map(found.entries.map((entry) => [entry.record.id, entry]));
  }

  entries(): readonly UndoEntry[] {
    return [...this.kept.values()];
  }

  /** On the disk when it resolves. When it rejects, the change must not be made. */
  arm(record: UndoRecord): Promise<void> {
    invariant(!this.kept.has(record.id), `undo ${record.id} is armed twice`);
    const line = `${BEFORE_STATE}${stateText(null)}",${JSON.stringify(record).slice(1)}\n`;
    return this.inOrder(`undo record ${record.id}`, async () => {
      const at = this.size;
      // Whatever a failed write left behind the last whole line must not stick out behind this one.
      await this.file.truncate(at);
      await this.write(line, at);
      if (!this.folderFlushed) flushFolder(dirname(this.path));
      this.folderFlushed = true;
      this.size = at + Buffer.byteLength(line);
      this.offsets.set(record.id, at);
      this.kept.set(record.id, { record, retired: null });
    });
  }

  /** Null = on again: something of the change was found after it was retired. */
  mark(undoId: string, retired: RevertCause | null): Promise<void> {
    return this.inOrder(`undo record ${undoId}`, async () => {
      const entry = this.kept.get(undoId);
      const offset = this.offsets.get(undoId);
      invariant(entry !== undefined && offset !== undefined, `undo ${undoId} was never armed`);
      await this.write(stateText(retired), offset + BEFORE_STATE.length);
      this.kept.set(undoId, { record: entry.record, retired });
    });
  }

  async close(): Promise<void> {
    await this.tail;
    await this.file.close();
  }

  private async write(text: string, at: number): Promise<void> {
    const bytes = Buffer.from(text, 'utf8');
    let done = 0;
    while (done < bytes.length) done += (await this.file.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
    await this.file.sync();
  }

  private inOrder(what: string, work: () => Promise<void>): Promise<void> {
    const result = this.tail.then(work).catch((error: unknown) => {
      throw isSystemError(error) ? error : unwritable(what, this.path, error);
    });
    this.tail = result.catch(() => undefined);
    return result;
  }
}

interface Scan {
  readonly entries: readonly UndoEntry[];
  readonly offsets: readonly (readonly [id: string, offset: number])[];
  readonly wholeBytes: number;
}

function scan(path: string): Scan {
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

function unwritable(what: string, path: string, error: unknown): WorldError {
  const why = error instanceof Error ? error.message : String(error);
  return new WorldError({
    code: 'undo-unwritable',
    message: bi(`The ${what} cannot be written to ${path}: ${why}.`, `无法把 ${what} 写入 ${path}：${why}。`),
    hint: bi(
      'Nothing may be broken whose undo is not on disk: free some space there, or set FIREDRILL_STATE to another folder.',
      '撤销记录未落盘就不会注入故障：请释放该处空间，或将 FIREDRILL_STATE 指向其他目录。',
    ),
    cause: error,
  });
}
