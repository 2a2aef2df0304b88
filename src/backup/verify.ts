import { resolve } from 'node:path';
import type { ArchiveVerdict } from '../core/backup.js';
import { bi } from '../core/text.js';
import { openArchive } from './open-archive.js';

/** Total: whatever is wrong with the archive is its reason, never a throw. */
export async function verifyArchive(path: string): Promise<ArchiveVerdict> {
  try {
    const { info, snapshot } = await openArchive(path);
    return { sound: true, info, snapshot };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { sound: false, path: resolve(path), reason: bi(`not usable: ${why}`, `不可用：${why}`) };
  }
}
