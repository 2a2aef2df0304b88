import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { InvariantError, invariant, WorldError } from '../../core/errors.js';
import type { UndoRecord } from '../../core/fault.js';
import type { RevertCause } from '../../core/journal.js';
import { bi } from '../../core/text.js';
import { flushFolder } from './folder.js';
import { BEFORE_STATE, scanUndo, stateText, type UndoEntry, type UndoScan, undoPath } from './undo-lines.js';

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
    const found = scanUndo(path);
    return new UndoFile(path, await open(path, constants.O_RDWR | constants.O_CREAT, 0o600), found);
  }

  private constructor(path: string, file: FileHandle, found: UndoScan) {
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
    const line = `${BEFORE_STATE}${stateText(null)}",${JSON.stringify(record).slice(1)}\n`;
    return this.inOrder(`undo record ${record.id}`, async () => {
      invariant(!this.kept.has(record.id), `undo ${record.id} is armed twice`);
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
    while (done < bytes.length)
      done += (await this.file.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
    await this.file.sync();
  }

  private inOrder(what: string, work: () => Promise<void>): Promise<void> {
    const result = this.tail.then(work).catch((error: unknown) => {
      throw error instanceof InvariantError ? error : unwritable(what, this.path, error);
    });
    // Whoever asked for this change gets its error; the next one is tried all the same.
    this.tail = result.catch(() => undefined);
    return result;
  }
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
