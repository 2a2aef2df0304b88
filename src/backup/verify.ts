import { resolve } from 'node:path';
import { type Cipher, KEY_CODES } from '../core/archive-cipher.js';
import type { ArchiveVerdict, CheckNative, UnsoundArchive } from '../core/backup.js';
import { describeError, WorldError } from '../core/errors.js';
import { bi } from '../core/text.js';
import { infosOf, openChain, snapshotOfChain } from './chain.js';
import { proveNative } from './native-copy.js';
import { labelOf } from './stored-file.js';

/** By what archives are opened and proved. */
export interface Proving {
  /** Without one only plain archives are opened. */
  readonly cipher?: Cipher | undefined;
  /** Without one the registry's own copy is held against its hash only. */
  readonly checkNative?: CheckNative | undefined;
}

/** Of the archive and everything it stands on. Total: whatever is wrong is its reason, never a throw. */
export async function verifyArchive(path: string, { cipher, checkNative }: Proving): Promise<ArchiveVerdict> {
  try {
    const chain = await openChain(path, cipher);
    await proveNative(chain.full, checkNative);
    return { sound: true, info: chain.newest.info, snapshot: snapshotOfChain(chain), chain: infosOf(chain) };
  } catch (error) {
    return unusable(path, error);
  }
}

export async function unusable(path: string, error: unknown): Promise<UnsoundArchive> {
  const why = describeError(error);
  const key = error instanceof WorldError && KEY_CODES.includes(error.code);
  const reason = bi(`not usable: ${why.en}`, `不可用：${why.zh}`);
  const label = await labelOf(path);
  const said = label !== null && { backupTimeUtc: label.backup_time_utc };
  return { sound: false, path: resolve(path), reason, ...(key && { key }), ...said };
}
