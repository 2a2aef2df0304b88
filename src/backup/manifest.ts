/** What an archive says of itself, inside it. */
import type { ArchiveLink, ArchiveType, Increment, RemovedInstance, Snapshot } from '../core/backup.js';
import type { StateSum } from './content-hash.js';
import { countsOf, type SnapshotCounts } from './snapshot.js';

/** The first version knew full archives only; they are read as before. */
export const FORMAT_VERSIONS = ['1.0', '1.1'] as const;
export type FormatVersion = (typeof FORMAT_VERSIONS)[number];

export interface Manifest {
  readonly format: 'firedrill-backup';
  readonly format_version: FormatVersion;
  readonly type: ArchiveType;
  /** Null = a full one. */
  readonly parent: ArchiveLink | null;
  /** File of the full archive at the beginning; null = this one is it. */
  readonly base: string | null;
  readonly backup_time_utc: string;
  readonly product: string;
  readonly product_version: string;
  readonly cluster_id: string | null;
  readonly revision: number;
  /** False: writes went on during the export, so that the listing may differ from the native copy. */
  readonly stable: boolean;
  /** What changed between two readings of the export; its state is that of the listing, or a neighbouring one. */
  readonly not_stable: readonly RemovedInstance[];
  /** False: nobody could list the settings; they are in the native copy only. */
  readonly settings_listed: boolean;
  readonly counts: SnapshotCounts;
  /** The whole state after it; the hashes are told in `content-hash.ts`. */
  readonly state: {
    readonly instances: number;
    readonly durable: number;
    readonly content_hash: string;
    readonly durable_hash: string;
  };
  /** File name of the native copy; null = an increment, which has none. */
  readonly native: string | null;
  readonly parts: readonly ManifestPart[];
}

export interface ManifestPart {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** What only the making of the archive knows, and nothing in the other parts tells. */
export interface Making {
  readonly stable: boolean;
  readonly notStable: readonly RemovedInstance[];
  readonly settingsListed: boolean;
  readonly chain: { readonly parent: ArchiveLink; readonly base: string } | null;
  readonly state: StateSum;
  /** Only to prove an old archive: new ones are of the newest version. */
  readonly formatVersion?: FormatVersion;
}

export function manifestOf(
  snapshot: Snapshot | Increment,
  making: Making,
  files: { readonly native: string | null; readonly parts: readonly ManifestPart[] },
): object {
  const { registry } = snapshot;
  const { chain, state, formatVersion = '1.1' } = making;
  const first = {
    format: 'firedrill-backup',
    format_version: formatVersion,
    type: chain === null ? 'full' : 'incremental',
  };
  const of = {
    backup_time_utc: snapshot.backup_time_utc,
    product: registry.product,
    product_version: registry.version,
    cluster_id: registry.cluster_id,
    revision: registry.revision,
    stable: making.stable,
  };
  const { removed, ...counts } = countsOf(snapshot);
  if (formatVersion === '1.0') return { ...first, ...of, settings_listed: making.settingsListed, counts, ...files };
  return {
    ...first,
    parent: chain?.parent ?? null,
    base: chain?.base ?? null,
    ...of,
    not_stable: making.notStable,
    settings_listed: making.settingsListed,
    counts: { ...counts, removed },
    state: stateInFile(state),
    ...files,
  };
}

export const stateInFile = ({ instances, durable, contentHash, durableHash }: StateSum): Manifest['state'] => ({
  instances,
  durable,
  content_hash: contentHash,
  durable_hash: durableHash,
});

export const stateFromFile = ({ instances, durable, content_hash, durable_hash }: Manifest['state']): StateSum => ({
  instances,
  durable,
  contentHash: content_hash,
  durableHash: durable_hash,
});
