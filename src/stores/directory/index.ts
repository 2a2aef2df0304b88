import { createReadStream, type Dirent } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from '../../core/durable-file.js';
import { invariant, WorldError } from '../../core/errors.js';
import type { ReadOptions, Store, StoreDriver, StoredFile } from '../../core/store.js';
import { bi } from '../../core/text.js';
import { fileMissing } from '../failure.js';
import { PARTIAL, requirePlainName } from '../names.js';
import { putFile } from './put.js';

/** A folder of this machine: its own disk, or a share that is mounted. */
export const directory: StoreDriver = {
  name: 'directory',
  open: (place, { clock }) => {
    invariant(place.kind === 'directory', 'the place is a directory');
    const { path } = place;
    const store: Store = {
      place: path,
      list: async () => (await filesIn(path)).filter(({ file }) => !file.endsWith(PARTIAL)),
      read: (file, options) => readFrom(path, file, options ?? {}),
      put: (file, source, options) => putFile({ dir: path, file, source, options: options ?? {}, clock }),
      remove: (file) => removeFile(path, file),
      unfinished: async () =>
        (await filesIn(path))
          .filter(({ file }) => file.endsWith(PARTIAL))
          .map(({ file, changedUtc }) => ({ file: file.slice(0, -PARTIAL.length), changedUtc, id: file })),
      abandon: async ({ file }) => {
        requirePlainName(file);
        await rm(join(path, file + PARTIAL), { force: true });
      },
      close: () => {},
    };
    return store;
  },
};

async function filesIn(dir: string): Promise<readonly StoredFile[]> {
  const names = (await entriesOf(dir)).filter((entry) => entry.isFile()).map(({ name }) => name);
  const found: StoredFile[] = [];
  for (const file of names.sort()) {
    // Gone between the two looks: somebody removed it, or finished it.
    const seen = await stat(join(dir, file)).catch(() => null);
    if (seen !== null) found.push({ file, bytes: seen.size, changedUtc: seen.mtime.toISOString() });
  }
  return found;
}

async function entriesOf(dir: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(dir, { withFileTypes: true });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new WorldError({
      code: 'store-unreadable',
      message: bi(`the folder ${dir} cannot be listed: ${why}`, `无法列出目录 ${dir}：${why}`),
      hint: bi(
        'check the path and its rights, and that the share is mounted',
        '请检查路径与权限，并确认共享目录已挂载',
      ),
      cause: error,
    });
  }
}

async function* readFrom(
  dir: string,
  file: string,
  { fromByte = 0, signal }: ReadOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  requirePlainName(file);
  try {
    const stream = createReadStream(join(dir, file), { start: fromByte, ...(signal && { signal }) });
    yield* stream as AsyncIterable<Buffer>;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') throw fileMissing(file, dir);
    throw error;
  }
}

async function removeFile(dir: string, file: string): Promise<void> {
  requirePlainName(file);
  await rm(join(dir, file), { force: true });
  await syncFolder(dir);
}
