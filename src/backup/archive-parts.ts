/** The files of an archive: what is in them and what they are called. */
import { createHash } from 'node:crypto';
import type { Increment, Snapshot } from '../core/backup.js';
import { jsonBytes } from './json-bytes.js';
import { type Making, manifestOf } from './manifest.js';

export const SNAPSHOT = 'snapshot.json';
export const MANIFEST = 'manifest.json';
const SHA256_SUMS = 'backup.sha256';
const MD5_SUMS = 'backup.md5';

export interface Part {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface ArchiveContent extends Making {
  readonly snapshot: Snapshot | Increment;
  /** Null = an increment. */
  readonly native: Part | null;
}

export const digest = (algorithm: 'sha256' | 'md5', bytes: Uint8Array | string): string =>
  createHash(algorithm).update(bytes).digest('hex');

const json = (value: object): Uint8Array => jsonBytes(value, SMALL_BYTES);
const SMALL_BYTES = 64 * 1024;

/** In the order in which they stand in the archive. */
export function archiveParts(
  { snapshot, native, ...making }: ArchiveContent,
  snapshotBytes: Uint8Array = jsonBytes(snapshot, expectedBytes(snapshot)),
): readonly Part[] {
  const content = [{ name: SNAPSHOT, bytes: snapshotBytes }, ...(native === null ? [] : [native])].map(withSha256);
  const manifest = manifestOf(snapshot, making, {
    native: native?.name ?? null,
    parts: content.map(({ name, bytes, sha256 }) => ({ name, bytes: bytes.length, sha256 })),
  });
  const hashed = [...content, withSha256({ name: MANIFEST, bytes: json(manifest) })];
  return [
    ...hashed,
    sums(
      SHA256_SUMS,
      hashed.map(({ name, sha256 }) => ({ name, sum: sha256 })),
    ),
    sums(
      MD5_SUMS,
      hashed.map(({ name, bytes }) => ({ name, sum: digest('md5', bytes) })),
    ),
  ];
}

const withSha256 = ({ name, bytes }: Part) => ({ name, bytes, sha256: digest('sha256', bytes) });

/** As `sha256sum` and `md5sum` print it, so that their `-c` reads it after unpacking. */
const sums = (name: string, of: readonly { readonly name: string; readonly sum: string }[]): Part => ({
  name,
  bytes: Buffer.from(of.map(({ name: file, sum }) => `${sum}  ${file}\n`).join('')),
});

/** The names of the fields and the indents of an instance take 250 bytes; its value is there twice. */
const expectedBytes = ({ services }: Snapshot | Increment): number =>
  services.reduce(
    (sum, { instances }) => sum + instances.reduce((all, { id, raw }) => all + 400 + id.length + 3 * raw.length, 0),
    SMALL_BYTES,
  );
