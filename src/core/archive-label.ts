/**
 * The label beside an archive, `<archive file>.json`: plain text without data or secrets, so that chains, retention and
 * lists need not read or decrypt archives. The manifest inside is what counts: who opens the archive compares.
 */
import { createHash } from 'node:crypto';
import type { ArchiveLink, ArchiveType } from './backup.js';

export interface ArchiveLabel {
  readonly format: 'firedrill-label';
  readonly format_version: '1.0';
  /** Name of the archive as it is stored: ends in `.tar.gz`, or in `.tar.gz.age` when it is encrypted. */
  readonly file: string;
  /** Of the stored file, as is its SHA-256. */
  readonly bytes: number;
  readonly sha256: string;
  readonly encrypted: boolean;
  readonly type: ArchiveType;
  readonly backup_time_utc: string;
  readonly product: string;
  readonly product_version: string;
  readonly cluster_id: string | null;
  readonly revision: number;
  /** Of what is in the archive itself: an increment holds changes only. */
  readonly counts: {
    readonly services: number;
    readonly instances: number;
    readonly durable: number;
    readonly settings: number;
    readonly removed: number;
  };
  /** Of the whole state after it. */
  readonly state: {
    readonly instances: number;
    readonly durable: number;
    readonly content_hash: string;
    readonly durable_hash: string;
  };
  /** Of `snapshot.json` inside: by it the next increment knows its parent, encrypted or not. */
  readonly snapshot_sha256: string;
  /** Null = a full one. */
  readonly parent: ArchiveLink | null;
  /** File of the full archive that its chain begins with; of a full one its own. Without `.age`. */
  readonly base: string;
}

export const labelName = (archiveFile: string): string => `${archiveFile}.json`;

/** The archive that a file is the label of, by its name; null = it is no label. */
export const archiveLabelled = (file: string): string | null =>
  /\.tar\.gz(?:\.age)?\.json$/.test(file) ? file.replace(/\.json$/, '') : null;

/** What encryption appends to the name. */
export const ENCRYPTED = '.age';

/** The file without what encryption appends: what `parent` and `base` are told by. */
export const plainName = (file: string): string => file.replace(/\.age$/, '');

/** With a seal of its own: a flipped digit in a revision would be a gap that nobody sees. */
export const formatLabel = (label: ArchiveLabel): string =>
  `${JSON.stringify({ ...label, label_sha256: sealOf(label) }, null, 2)}\n`;

/** Throws with the reason when these are not the bytes that were written. */
export function parseLabel(text: string): ArchiveLabel {
  const value: unknown = JSON.parse(text);
  if (!isLabel(value)) throw new Error('it is not a label of a Firedrill archive');
  const { label_sha256: said, ...label } = value;
  const found = sealOf(label);
  if (said !== found) throw new Error(`its SHA-256 is ${found}, its last line says ${String(said)}`);
  if (label.format_version !== '1.0') throw new Error(`its format ${label.format_version} is newer than 1.0`);
  return label;
}

/** The seal proves the rest: nothing but `formatLabel` makes one. */
const isLabel = (value: unknown): value is ArchiveLabel & { readonly label_sha256: unknown } =>
  typeof value === 'object' &&
  value !== null &&
  'label_sha256' in value &&
  'format' in value &&
  value.format === FORMAT;

const FORMAT = 'firedrill-label';

const sealOf = (label: ArchiveLabel): string => createHash('sha256').update(JSON.stringify(label)).digest('hex');
