/** The files of an archive: what is in them and what they are called. */
import { createHash } from 'node:crypto';
import type { Increment, Snapshot } from '../core/backup.js';
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

const json = (value: unknown): Uint8Array => Buffer.from(`${JSON.stringify(value, null, 2)}\n`);

/** In the order in which they stand in the archive. */
export function archiveParts(
  { snapshot, native, ...making }: ArchiveContent,
  snapshotBytes: Uint8Array = json(snapshot),
): readonly Part[] {
  const content = [{ name: SNAPSHOT, bytes: snapshotBytes }, ...(native === null ? [] : [native])];
  const manifest = manifestOf(snapshot, making, {
    native: native?.name ?? null,
    parts: content.map(({ name, bytes }) => ({ name, bytes: bytes.length, sha256: digest('sha256', bytes) })),
  });
  const hashed = [...content, { name: MANIFEST, bytes: json(manifest) }];
  return [...hashed, sums('sha256', hashed), sums('md5', hashed)];
}

/** As `sha256sum` and `md5sum` print it, so that their `-c` reads it after unpacking. */
function sums(algorithm: 'sha256' | 'md5', parts: readonly Part[]): Part {
  const lines = parts.map(({ name, bytes }) => `${digest(algorithm, bytes)}  ${name}\n`);
  return { name: algorithm === 'sha256' ? SHA256_SUMS : MD5_SUMS, bytes: Buffer.from(lines.join('')) };
}
