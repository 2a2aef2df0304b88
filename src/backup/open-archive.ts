import { open } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { ArchiveInfo, Snapshot } from '../core/backup.js';
import { archiveParts, digest, MANIFEST, type Manifest, type Part, SNAPSHOT } from './archive-parts.js';
import { countsOf } from './snapshot.js';
import { MAX_ARCHIVE_BYTES, unpackArchive } from './unpack.js';

export interface OpenedArchive {
  readonly info: ArchiveInfo;
  readonly manifest: Manifest;
  readonly snapshot: Snapshot;
  readonly native: Part;
}

/** Reads the whole archive and checks everything it says of itself; throws with the first thing that is wrong. */
export async function openArchive(path: string): Promise<OpenedArchive> {
  // Loaded only here: most commands open no archive, and the checker of schemas is large.
  const { parseManifest, parseSnapshot } = await import('./schema.js');
  const packed = await readLimited(path);
  const parts = await unpackArchive(packed);
  const snapshotBytes = partNamed(parts, SNAPSHOT).bytes;
  const snapshot = parseSnapshot(snapshotBytes);
  const manifest = parseManifest(partNamed(parts, MANIFEST).bytes);
  const native = partNamed(parts, manifest.native);
  const { stable, settings_listed: settingsListed } = manifest;
  // Manifest and sums follow from the content: made anew from it, they must come out the same, byte for byte.
  const wanted = archiveParts({ snapshot, native, stable, settingsListed }, snapshotBytes);
  if (parts.length !== wanted.length) throw new Error(`it holds ${parts.length} files, not ${wanted.length}`);
  for (const { name, bytes } of wanted) {
    if (!Buffer.from(bytes).equals(partNamed(parts, name).bytes)) {
      throw new Error(`${name} does not agree with the other files of the archive`);
    }
  }
  return { info: infoOf(path, packed, snapshot), manifest, snapshot, native };
}

export function infoOf(path: string, packed: Uint8Array, snapshot: Snapshot): ArchiveInfo {
  const { services, instances, durable } = countsOf(snapshot);
  return {
    path: resolve(path),
    fileName: basename(path),
    sha256: digest('sha256', packed),
    bytes: packed.length,
    backupTimeUtc: snapshot.backup_time_utc,
    revision: snapshot.registry.revision,
    product: snapshot.registry.product,
    services,
    instances,
    durable,
  };
}

function partNamed(parts: readonly Part[], name: string): Part {
  const part = parts.find((candidate) => candidate.name === name);
  if (part === undefined) throw new Error(`${name} is missing in it`);
  return part;
}

async function readLimited(path: string): Promise<Uint8Array> {
  const file = await open(path, 'r');
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw new Error('it is not a file');
    if (stat.size > MAX_ARCHIVE_BYTES) throw new Error(`it is larger than ${MAX_ARCHIVE_BYTES} bytes`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}
