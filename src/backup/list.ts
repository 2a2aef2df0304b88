import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArchiveVerdict } from '../core/backup.js';
import { WorldError } from '../core/errors.js';
import { bi } from '../core/text.js';
import { verifyArchive } from './verify.js';

const ARCHIVE_NAME = /^registry-backup-(\d{8}-\d{6})(?:-(\d+))?\.tar\.gz$/;

/** The name of the n-th archive (from 1) of one second. */
export const archiveName = (stamp: string, n: number): string =>
  `registry-backup-${stamp}${n === 1 ? '' : `-${n}`}.tar.gz`;

/** Newest first by their own backup time; a damaged one stands where its name puts it. */
export async function listArchives(dir: string): Promise<readonly ArchiveVerdict[]> {
  const names = (await namesIn(dir)).filter((name) => ARCHIVE_NAME.test(name)).sort(newestNameFirst);
  const verdicts: ArchiveVerdict[] = [];
  for (const name of names) verdicts.push(await verifyArchive(join(dir, name)));
  const sound = verdicts.filter((verdict) => verdict.sound);
  // The sort is stable: archives of the same second stay in the order of their names.
  const ordered = sound.sort((a, b) => Date.parse(b.info.backupTimeUtc) - Date.parse(a.info.backupTimeUtc)).values();
  return verdicts.map((verdict) => (verdict.sound ? (ordered.next().value ?? verdict) : verdict));
}

function newestNameFirst(a: string, b: string): number {
  const [stampA, stampB] = [stampOf(a), stampOf(b)];
  if (stampA.second !== stampB.second) return stampA.second < stampB.second ? 1 : -1;
  return stampB.n - stampA.n;
}

function stampOf(name: string): { readonly second: string; readonly n: number } {
  const [, second = '', n = '1'] = ARCHIVE_NAME.exec(name) ?? [];
  return { second, n: Number(n) };
}

async function namesIn(dir: string): Promise<readonly string[]> {
  try {
    return await readdir(dir);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new WorldError({
      code: 'archive-folder-unreadable',
      message: bi(`the archives in ${dir} cannot be listed: ${why}`, `无法列出 ${dir} 中的归档：${why}`),
      hint: bi(
        'check the path; make a backup with `firedrill backup full`',
        '请检查路径；可用 `firedrill backup full` 生成备份',
      ),
      cause: error,
    });
  }
}
