import { basename, resolve } from 'node:path';
import type { Cipher } from '../core/archive-cipher.js';
import { plainName } from '../core/archive-label.js';
import type { ArchiveInfo, Increment, Snapshot } from '../core/backup.js';
import { invariant } from '../core/errors.js';
import { archiveParts, digest, MANIFEST, type Part, SNAPSHOT } from './archive-parts.js';
import { sumOfSnapshot } from './content-hash.js';
import { type Making, type Manifest, stateFromFile, stateInFile } from './manifest.js';
import { FIRST_GZIP_HEADER } from './pack.js';
import { countsOf, isIncrement } from './snapshot.js';
import { readStored, type StoredArchive } from './stored-file.js';
import { beginsWith, unpackArchive } from './unpack.js';

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
export async function openArchive(path: string, cipher?: Cipher): Promise<OpenedArchive> {
  // Loaded only here: most commands open no archive, and the checker of schemas is large.
  const { parseManifest, parseSnapshot, parseIncrement } = await import('./schema.js');
  const stored = await readStored(path, cipher);
  const parts = await unpackArchive(stored.packed);
  const found = parseManifest(partNamed(parts, MANIFEST).bytes);
  if (beginsWith(stored.packed, FIRST_GZIP_HEADER) && found.format_version !== '1.0') {
    throw new Error('it does not begin as our gzip files do');
  }
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
  const opened = {
    info: infoOf(stored, snapshot, manifest),
    manifest,
    snapshotSha256: digest('sha256', snapshotBytes),
  };
  refuseOtherLabel(stored, opened);
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

/** A label of another archive that was put beside this one, or one that somebody wrote: chains are told by labels. */
function refuseOtherLabel({ label }: StoredArchive, { info, manifest, snapshotSha256 }: Opened): void {
  if (label === null) return;
  const said = [label.file, label.type, label.cluster_id, label.revision, label.snapshot_sha256, label.base];
  const found = [info.fileName, info.type, info.clusterId, info.revision, snapshotSha256, info.base];
  const links = JSON.stringify(label.parent) === JSON.stringify(manifest.parent);
  if (links && said.every((value, i) => value === found[i])) return;
  throw new Error(`its label says other things of it than it says itself (${said.join(', ')}; ${found.join(', ')})`);
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
