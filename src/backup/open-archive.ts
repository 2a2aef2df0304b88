import { open } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { plainName } from '../core/archive-label.js';
import type { ArchiveInfo, Increment, Snapshot } from '../core/backup.js';
import { invariant } from '../core/errors.js';
import { archiveParts, digest, MANIFEST, type Part, SNAPSHOT } from './archive-parts.js';
import { sumOfSnapshot } from './content-hash.js';
import { type Making, type Manifest, stateFromFile, stateInFile } from './manifest.js';
import { countsOf, isIncrement } from './snapshot.js';
import { MAX_ARCHIVE_BYTES, unpackArchive } from './unpack.js';

/** One archive by itself; an increment is nothing without its chain. */
export type OpenedArchive = OpenedFull | OpenedIncrement;

interface Opened {
  readonly info: ArchiveInfo;
  readonly manifest: Manifest;
  /** Of `snapshot.json`: an increment names its parent by it. */
  readonly snapshotSha256: string;
}

export interface OpenedFull extends Opened {
  readonly type: 'full';
  readonly snapshot: Snapshot;
  readonly native: Part;
}

export interface OpenedIncrement extends Opened {
  readonly type: 'incremental';
  readonly snapshot: Increment;
}

/** Reads the whole archive and checks everything it says of itself; throws with the first thing that is wrong. */
export async function openArchive(path: string): Promise<OpenedArchive> {
  // Loaded only here: most commands open no archive, and the checker of schemas is large.
  const { parseManifest, parseSnapshot, parseIncrement } = await import('./schema.js');
  const packed = await readLimited(path);
  const parts = await unpackArchive(packed);
  const found = parseManifest(partNamed(parts, MANIFEST).bytes);
  const snapshotBytes = partNamed(parts, SNAPSHOT).bytes;
  const snapshot = found.type === 'full' ? parseSnapshot(snapshotBytes) : parseIncrement(snapshotBytes);
  const manifest = 'state' in found ? found : completed(found, snapshot);
  const native = manifest.native === null ? null : partNamed(parts, manifest.native);
  // Manifest and sums follow from the content: made anew from it, they must come out the same, byte for byte.
  const wanted = archiveParts({ snapshot, native, ...makingOf(manifest) }, snapshotBytes);
  if (parts.length !== wanted.length) throw new Error(`it holds ${parts.length} files, not ${wanted.length}`);
  for (const { name, bytes } of wanted) {
    if (Buffer.compare(bytes, partNamed(parts, name).bytes) !== 0) {
      throw new Error(`${name} does not agree with the other files of the archive`);
    }
  }
  const stored = { path, bytes: packed.length, sha256: digest('sha256', packed) };
  const opened = {
    info: infoOf(stored, snapshot, manifest),
    manifest,
    snapshotSha256: digest('sha256', snapshotBytes),
  };
  if (isIncrement(snapshot)) return { type: 'incremental', ...opened, snapshot };
  invariant(native !== null, 'the schema wants a native copy in every full archive');
  refuseOtherState(manifest, snapshot);
  return { type: 'full', ...opened, snapshot, native };
}

type Found = ReturnType<typeof import('./schema.js')['parseManifest']>;

/** The first version did not sum the state up; of a full archive it is what the snapshot holds. */
const completed = (first: Exclude<Found, Manifest>, snapshot: Snapshot): Manifest => ({
  ...first,
  parent: null,
  base: null,
  not_stable: [],
  state: stateInFile(sumOfSnapshot(snapshot)),
});

function refuseOtherState({ state }: Manifest, snapshot: Snapshot): void {
  const { contentHash } = sumOfSnapshot(snapshot);
  if (contentHash !== state.content_hash) {
    throw new Error(`its content hash is ${contentHash}, its manifest says ${state.content_hash}`);
  }
}

const makingOf = (manifest: Manifest): Making => ({
  stable: manifest.stable,
  notStable: manifest.not_stable,
  settingsListed: manifest.settings_listed,
  chain: manifest.parent === null || manifest.base === null ? null : { parent: manifest.parent, base: manifest.base },
  state: stateFromFile(manifest.state),
  formatVersion: manifest.format_version,
});

export function infoOf(
  stored: { readonly path: string; readonly bytes: number; readonly sha256: string },
  snapshot: Snapshot | Increment,
  { parent, base, state }: Pick<Manifest, 'parent' | 'base' | 'state'>,
): ArchiveInfo {
  const { services, instances, durable, removed } = countsOf(snapshot);
  const fileName = basename(stored.path);
  return {
    path: resolve(stored.path),
    fileName,
    sha256: stored.sha256,
    bytes: stored.bytes,
    backupTimeUtc: snapshot.backup_time_utc,
    type: parent === null ? 'full' : 'incremental',
    parent,
    base: base ?? plainName(fileName),
    revision: snapshot.registry.revision,
    product: snapshot.registry.product,
    clusterId: snapshot.registry.cluster_id,
    services,
    instances,
    durable,
    removed,
    state: stateFromFile(state),
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
