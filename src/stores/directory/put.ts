import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Clock } from '../../core/clock.js';
import { syncFolder } from '../../core/durable-file.js';
import { WorldError } from '../../core/errors.js';
import type { Put, PutOptions, Source } from '../../core/store.js';
import { bi } from '../../core/text.js';
import { farEndDiffers, fileDiffers, sourceChanged, stopped } from '../failure.js';
import { PARTIAL, requirePlainName } from '../names.js';
import { type Pace, paceOf } from '../pace.js';

interface Job {
  readonly dir: string;
  readonly file: string;
  readonly source: Source;
  readonly options: PutOptions;
  readonly clock: Clock;
}

/** Into a partial file, which is read back and hashed before it gets its name. */
export async function putFile(job: Job): Promise<Put> {
  const { dir, file, source, options } = job;
  requirePlainName(file);
  const path = join(dir, file);
  try {
    await mkdir(dir, { recursive: true });
    if (await isThere(path, job)) return { keptBytes: source.bytes, checked: 'read-back' };
    const partial = path + PARTIAL;
    const { keptBytes, promised } = await writePartial(partial, job);
    const right = promised && (await hashOf(partial, options.signal)) === source.sha256;
    if (!right) {
      await rm(partial, { force: true });
      throw promised ? farEndDiffers(file, dir) : sourceChanged(file);
    }
    await rename(partial, path);
    await syncFolder(dir);
    return { keptBytes, checked: 'read-back' };
  } catch (error) {
    if (options.signal?.aborted) throw stopped(file, dir);
    // Another put of the same bytes finished the partial file of both.
    if (isMissing(error) && (await isThere(path, job))) return { keptBytes: source.bytes, checked: 'read-back' };
    if (error instanceof WorldError || !(error instanceof Error)) throw error;
    throw new WorldError({
      code: 'store-unwritable',
      message: bi(
        `${file} could not be written to ${dir}: ${error.message}`,
        `无法将 ${file} 写入 ${dir}：${error.message}`,
      ),
      hint: bi(
        'check the folder, its rights and its free space; the same command again continues',
        '请检查目录、权限与剩余空间；再次执行同一命令即可继续',
      ),
      cause: error,
    });
  }
}

async function isThere(path: string, { dir, file, source, options }: Job): Promise<boolean> {
  const bytes = await sizeOf(path);
  if (bytes === null) return false;
  if (bytes !== source.bytes || (await hashOf(path, options.signal)) !== source.sha256) throw fileDiffers(file, dir);
  return true;
}

interface Poured {
  readonly keptBytes: number;
  /** The bytes that were read are those of the checksum. */
  readonly promised: boolean;
}

/** Continues what is there as far as it is the same. */
async function writePartial(partial: string, job: Job): Promise<Poured> {
  const held = (await sizeOf(partial)) ?? 0;
  const handle = await open(partial, constants.O_RDWR | constants.O_CREAT);
  try {
    const poured = await pour(handle, held, job);
    // A longer one of other bytes.
    await handle.truncate(job.source.bytes);
    await handle.sync();
    return poured;
  } finally {
    await handle.close();
  }
}

async function pour(handle: FileHandle, held: number, { source, options, clock }: Job): Promise<Poured> {
  const pace = paceOf(clock, options);
  const hash = createHash('sha256');
  let at = 0;
  let kept = 0;
  for await (const chunk of source.read(options.signal)) {
    hash.update(chunk);
    if (kept === at && at + chunk.length <= held && (await same(handle, chunk, at))) kept += chunk.length;
    else await write(handle, pace(chunk), at);
    at += chunk.length;
    options.onProgress?.({ doneBytes: at, totalBytes: source.bytes });
  }
  return { keptBytes: kept, promised: at === source.bytes && hash.digest('hex') === source.sha256 };
}

async function same(handle: FileHandle, chunk: Uint8Array, at: number): Promise<boolean> {
  const there = Buffer.alloc(chunk.length);
  const { bytesRead } = await handle.read(there, 0, chunk.length, at);
  return bytesRead === chunk.length && there.equals(chunk);
}

/** By position: two copies of the same file at once write the same bytes to the same places. */
async function write(handle: FileHandle, slices: ReturnType<Pace>, from: number): Promise<void> {
  let at = from;
  for await (const slice of slices) {
    for (let done = 0; done < slice.length; ) {
      const { bytesWritten } = await handle.write(slice, done, slice.length - done, at + done);
      done += bytesWritten;
    }
    at += slice.length;
  }
}

async function hashOf(path: string, signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash, { ...(signal && { signal }) });
  return hash.digest('hex');
}

async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';
