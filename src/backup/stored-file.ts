/** An archive's file as it lies somewhere: read whole, held against its label, decrypted. */
import { open, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Cipher } from '../core/archive-cipher.js';
import { type ArchiveLabel, labelName, parseLabel, plainName } from '../core/archive-label.js';
import { WorldError } from '../core/errors.js';
import { type Bilingual, bi } from '../core/text.js';
import { digest } from './archive-parts.js';
import { MAX_ARCHIVE_BYTES } from './unpack.js';

export interface StoredArchive {
  readonly path: string;
  /** Of the file, encrypted or not. */
  readonly bytes: number;
  readonly sha256: string;
  /** The `.tar.gz`. */
  readonly packed: Uint8Array;
  /** Null = there is none, or it is damaged: then the archive must speak for itself. */
  readonly label: ArchiveLabel | null;
}

/** Throws with the first thing that is wrong; a WorldError when it is the key. */
export async function readStored(path: string, cipher: Cipher | undefined): Promise<StoredArchive> {
  const label = await labelOf(path);
  const content = await readLimited(path);
  const sha256 = digest('sha256', content);
  // Before the key is tried: a damaged header and a wrong key look the same to age.
  if (label !== null) refuseOtherBytes(label, { bytes: content.length, sha256 });
  const packed = isEncrypted(path) ? await decrypted(path, cipher) : content;
  return { path, bytes: content.length, sha256, packed, label };
}

const isEncrypted = (file: string): boolean => plainName(file) !== file;

/** Null = it has none, or that is damaged. */
export async function labelOf(path: string): Promise<ArchiveLabel | null> {
  try {
    return parseLabel(await readFile(join(dirname(path), labelName(basename(path))), 'utf8'));
  } catch {
    // What the archive says of itself is proved as well; only a slower look is lost.
    return null;
  }
}

function refuseOtherBytes(label: ArchiveLabel, found: { readonly bytes: number; readonly sha256: string }): void {
  if (found.bytes !== label.bytes) {
    throw damaged(
      bi(
        `it has ${found.bytes} bytes, ${label.bytes} were written`,
        `现有 ${found.bytes} 字节，写入时为 ${label.bytes} 字节`,
      ),
    );
  }
  if (found.sha256 === label.sha256) return;
  throw damaged(
    bi(
      `it is not as it was written: its SHA-256 is ${found.sha256}, its label says ${label.sha256}`,
      `与写入时不一致：其 SHA-256 为 ${found.sha256}，标签记录为 ${label.sha256}`,
    ),
  );
}

/** Not the key: the bytes. */
export const damaged = (message: Bilingual, cause?: unknown): WorldError =>
  new WorldError({ code: 'archive-damaged', message, cause });

async function decrypted(path: string, cipher: Cipher | undefined): Promise<Uint8Array> {
  if (cipher === undefined) throw noKey(basename(path));
  const chunks: Uint8Array[] = [];
  for await (const chunk of cipher.decrypt(path)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const noKey = (file: string): WorldError =>
  new WorldError({
    code: 'key-missing',
    message: bi(`${file} is encrypted, and no key was given`, `${file} 已加密，但未提供密钥`),
    hint: bi(
      'give it with --identity FILE or --passphrase-file FILE',
      '请用 --identity 文件 或 --passphrase-file 文件 提供密钥',
    ),
  });

async function readLimited(path: string): Promise<Uint8Array> {
  const file = await open(path, 'r').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw damaged(bi('it is missing', '文件缺失'), error);
    }
    throw error;
  });
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw new Error('it is not a file');
    if (stat.size > MAX_ARCHIVE_BYTES) throw new Error(`it is larger than ${MAX_ARCHIVE_BYTES} bytes`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}
