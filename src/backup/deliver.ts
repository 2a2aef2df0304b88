/** The last steps of every backup: packed, written whole or not at all, and a label beside it. */
import { access, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Cipher } from '../core/archive-cipher.js';
import { type ArchiveLabel, ENCRYPTED, formatLabel, labelName, plainName } from '../core/archive-label.js';
import type { ArchiveInfo } from '../core/backup.js';
import { syncFolder, writeDurably } from '../core/durable-file.js';
import { WorldError } from '../core/errors.js';
import { bi } from '../core/text.js';
import { type ArchiveContent, archiveParts, digest, SNAPSHOT } from './archive-parts.js';
import type { BackupTime } from './local-time.js';
import { stateInFile } from './manifest.js';
import { archiveName } from './names.js';
import { infoOf } from './open-archive.js';
import { packArchive } from './pack.js';
import { countsOf } from './snapshot.js';
import { type Done, interruptedIn, type Substeps } from './substep.js';

export interface Place {
  readonly dir: string;
  readonly time: BackupTime;
  readonly signal: AbortSignal | undefined;
  /** Encrypts; absent = the archive lies there in plain text. */
  readonly cipher?: Cipher | undefined;
}

type Steps = Pick<Substeps<'compress' | 'upload'>, 'run'>;

/** The substeps `compress` and `upload`. */
export async function deliver(content: ArchiveContent, place: Place, steps: Steps): Promise<ArchiveInfo> {
  const { packed, snapshotSha256 } = await steps.run('compress', () => compress(content, place.time));
  return steps.run('upload', () => upload(content, { ...place, packed, snapshotSha256 }));
}

interface Packed {
  readonly packed: Uint8Array;
  readonly snapshotSha256: string;
}

async function compress(content: ArchiveContent, { epochSeconds }: BackupTime): Promise<Done<Packed>> {
  const parts = archiveParts(content);
  const snapshot = parts.find(({ name }) => name === SNAPSHOT);
  const rawBytes = parts.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const packed = await packArchive(parts, epochSeconds);
  return {
    value: { packed, snapshotSha256: digest('sha256', snapshot?.bytes ?? '') },
    detail: bi(`${rawBytes} bytes packed into ${packed.length}`, `${rawBytes} 字节压缩为 ${packed.length} 字节`),
    facts: { rawBytes, packedBytes: packed.length, sha256: digest('sha256', packed) },
  };
}

async function upload(content: ArchiveContent, place: Place & Packed): Promise<Done<ArchiveInfo>> {
  const { dir, time, signal } = place;
  try {
    await mkdir(dir, { recursive: true });
    const name = `${await freeName(dir, time.stamp)}${place.cipher === undefined ? '' : ENCRYPTED}`;
    const path = join(dir, name);
    const stored = await store(path, place);
    const { sha256 } = stored;
    const info = archiveInfo(content, { path, ...stored });
    await writeDurably(join(dir, labelName(name)), formatLabel(labelOf(info, content, place.snapshotSha256)));
    return { value: info, detail: bi(`written as ${name}`, `已写入 ${name}`), facts: { file: name, sha256 } };
  } catch (error) {
    if (signal?.aborted) throw interruptedIn('upload');
    if (error instanceof WorldError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new WorldError({
      code: 'upload-failed',
      message: bi(`the archive could not be written to ${dir}: ${why}`, `无法将归档写入 ${dir}：${why}`),
      hint: bi('check the folder, its rights and its free space', '请检查目录、权限与剩余空间'),
      cause: error,
    });
  }
}

/** Written whole or not at all, and read back. Encrypted beside its place first: what is copied later are these bytes. */
async function store(path: string, { packed, signal, cipher }: Place & Packed) {
  if (cipher === undefined) {
    await writeDurably(path, packed, signal);
    const sha256 = digest('sha256', packed);
    if (digest('sha256', await readFile(path)) !== sha256) throw new Error('read back, it is not what was written');
    return { bytes: packed.length, sha256 };
  }
  const staging = `${path}.partial`;
  try {
    await cipher.encrypt([packed], staging);
    signal?.throwIfAborted();
    const written = await readFile(staging);
    await rename(staging, path);
    await syncFolder(dirname(path));
    return { bytes: written.length, sha256: digest('sha256', written) };
  } catch (error) {
    await rm(staging, { force: true });
    throw error;
  }
}

type Stored = Parameters<typeof infoOf>[0];

const archiveInfo = ({ snapshot, chain, state }: ArchiveContent, stored: Stored): ArchiveInfo =>
  infoOf(stored, snapshot, { parent: chain?.parent ?? null, base: chain?.base ?? null, state: stateInFile(state) });

function labelOf(info: ArchiveInfo, { snapshot, state }: ArchiveContent, snapshotSha256: string): ArchiveLabel {
  return {
    format: 'firedrill-label',
    format_version: '1.0',
    file: info.fileName,
    bytes: info.bytes,
    sha256: info.sha256,
    encrypted: info.fileName !== plainName(info.fileName),
    type: info.type,
    backup_time_utc: info.backupTimeUtc,
    product: info.product,
    product_version: snapshot.registry.version,
    cluster_id: info.clusterId,
    revision: info.revision,
    counts: countsOf(snapshot),
    state: stateInFile(state),
    snapshot_sha256: snapshotSha256,
    parent: info.parent,
    base: info.base,
  };
}

/** Neither in plain text nor encrypted: a chain knows an archive by this name, however it is stored. */
async function freeName(dir: string, stamp: string): Promise<string> {
  for (let n = 1; ; n += 1) {
    const name = archiveName(stamp, n);
    const taken = await Promise.all([name, `${name}${ENCRYPTED}`].map((file) => exists(join(dir, file))));
    if (!taken.includes(true)) return name;
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
