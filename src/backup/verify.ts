import { resolve } from 'node:path';
import type { ArchiveVerdict } from '../core/backup.js';
import { bi } from '../core/text.js';
import { infosOf, openChain, snapshotOfChain } from './chain.js';

/** Of the archive and everything it stands on. Total: whatever is wrong is its reason, never a throw. */
export async function verifyArchive(path: string): Promise<ArchiveVerdict> {
  try {
    const chain = await openChain(path);
    return { sound: true, info: chain.newest.info, snapshot: snapshotOfChain(chain), chain: infosOf(chain) };
  } catch (error) {
    return unusable(path, error);
  }
}

export function unusable(path: string, error: unknown): ArchiveVerdict & { readonly sound: false } {
  const why = error instanceof Error ? error.message : String(error);
  return { sound: false, path: resolve(path), reason: bi(`not usable: ${why}`, `不可用：${why}`) };
}
