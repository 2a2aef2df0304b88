import { resolve } from 'node:path';
import { type Cipher, KEY_CODES } from '../core/archive-cipher.js';
import type { ArchiveVerdict } from '../core/backup.js';
import { describeError, WorldError } from '../core/errors.js';
import { bi } from '../core/text.js';
import { infosOf, openChain, snapshotOfChain } from './chain.js';

/** Of the archive and everything it stands on. Total: whatever is wrong is its reason, never a throw. */
export async function verifyArchive(path: string, cipher?: Cipher): Promise<ArchiveVerdict> {
  try {
    const chain = await openChain(path, cipher);
    return { sound: true, info: chain.newest.info, snapshot: snapshotOfChain(chain), chain: infosOf(chain) };
  } catch (error) {
    return unusable(path, error);
  }
}

export function unusable(path: string, error: unknown): ArchiveVerdict & { readonly sound: false } {
  const why = describeError(error);
  const key = error instanceof WorldError && KEY_CODES.includes(error.code);
  const reason = bi(`not usable: ${why.en}`, `不可用：${why.zh}`);
  return { sound: false, path: resolve(path), reason, ...(key && { key }) };
}
