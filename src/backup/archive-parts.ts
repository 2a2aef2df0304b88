/** The files of an archive: what is in them and what they are called. */
import { createHash } from 'node:crypto';
import type { Snapshot } from '../core/backup.js';
import { countsOf, type SnapshotCounts } from './snapshot.js';

export const SNAPSHOT = 'snapshot.json';
export const MANIFEST = 'manifest.json';
const SHA256_SUMS = 'backup.sha256';
const MD5_SUMS = 'backup.md5';

export interface Part {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface Manifest {
  readonly format: 'firedrill-backup';
  readonly format_version: '1.0';
  readonly type: 'full';
  readonly backup_time_utc: string;
  readonly product: string;
  readonly product_version: string;
  readonly cluster_id: string | null;
  readonly revision: number;
  /** False: writes went on during the export, so that the listing may differ from the native copy. */
  readonly stable: boolean;
  /** False: nobody could list the settings; they are in the native copy only. */
  readonly settings_listed: boolean;
  readonly counts: SnapshotCounts;
  /** File name of the native copy. */
  readonly native: string;
  readonly parts: readonly { readonly name: string; readonly bytes: number; readonly sha256: string }[];
}

export interface ArchiveContent {
  readonly snapshot: Snapshot;
  readonly native: Part;
  readonly stable: boolean;
  readonly settingsListed: boolean;
}

export const digest = (algorithm: 'sha256' | 'md5', bytes: Uint8Array | string): string =>
  createHash(algorithm).update(bytes).digest('hex');

const json = (value: unknown): Uint8Array => Buffer.from(`${JSON.stringify(value, null, 2)}\n`);

/** In the order in which they stand in the archive. */
export function archiveParts(
  { snapshot, native, stable, settingsListed }: ArchiveContent,
  snapshotBytes: Uint8Array = json(snapshot),
): readonly Part[] {
  const content = [{ name: SNAPSHOT, bytes: snapshotBytes }, native];
  const { registry } = snapshot;
  const manifest: Manifest = {
    format: 'firedrill-backup',
    format_version: '1.0',
    type: 'full',
    backup_time_utc: snapshot.backup_time_utc,
    product: registry.product,
    product_version: registry.version,
    cluster_id: registry.cluster_id,
    revision: registry.revision,
    stable,
    settings_listed: settingsListed,
    counts: countsOf(snapshot),
    native: native.name,
    parts: content.map(({ name, bytes }) => ({ name, bytes: bytes.length, sha256: digest('sha256', bytes) })),
  };
  const hashed = [...content, { name: MANIFEST, bytes: json(manifest) }];
  return [...hashed, sums('sha256', hashed), sums('md5', hashed)];
}

/** As `sha256sum` and `md5sum` print it, so that their `-c` reads it after unpacking. */
function sums(algorithm: 'sha256' | 'md5', parts: readonly Part[]): Part {
  const lines = parts.map(({ name, bytes }) => `${digest(algorithm, bytes)}  ${name}\n`);
  return { name: algorithm === 'sha256' ? SHA256_SUMS : MD5_SUMS, bytes: Buffer.from(lines.join('')) };
}
