import { existsSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { ArchiveVerdict } from '../core/backup.js';
import { flatSteps } from '../core/drill.js';
import { WorldError } from '../core/errors.js';
import { type Bilingual, bi } from '../core/text.js';
import type { Run } from './context.js';

export type SoundArchive = ArchiveVerdict & { readonly sound: true };

/** Folders that this drill's backups write to. */
export const archiveFolders = (run: Pick<Run, 'drill' | 'archiveDir'>): readonly string[] => {
  const names = flatSteps(run.drill).flatMap(({ step }) => (step.verb === 'backup' ? [step.to] : []));
  return [...new Set(names)].map((name) => join(run.archiveDir, name));
};

/**
 * `latest` = the newest sound archive of this drill's backups by backup time; else a path relative to the drill: an
 * archive, or a folder whose newest sound one is taken. Damaged ones that were passed over are named.
 */
export async function chooseArchive(
  run: Run,
  wanted: string,
): Promise<{ readonly archive: SoundArchive; readonly passedOver: readonly string[] }> {
  const path = resolve(run.drillDir, wanted);
  if (wanted === 'latest') return newestOf(run, archiveFolders(run));
  if (existsSync(path) && statSync(path).isDirectory()) return newestOf(run, [path]);
  const verdict = await run.services.backup.verify(path);
  if (!verdict.sound)
    throw noArchive(
      bi(`The archive ${wanted} is damaged: ${verdict.reason.en}`, `归档 ${wanted} 已损坏：${verdict.reason.zh}`),
    );
  return { archive: verdict, passedOver: [] };
}

async function newestOf(
  run: Run,
  folders: readonly string[],
): Promise<{ readonly archive: SoundArchive; readonly passedOver: readonly string[] }> {
  const present = folders.filter((dir) => existsSync(dir));
  const verdicts = (await Promise.all(present.map((dir) => run.services.backup.list(dir)))).flat();
  const sound = verdicts.filter((verdict) => verdict.sound);
  const [archive] = sound.sort((a, b) => b.info.backupTimeUtc.localeCompare(a.info.backupTimeUtc, 'en'));
  const damaged = verdicts.filter((verdict) => !verdict.sound);
  if (archive !== undefined) return { archive, passedOver: damaged.map((verdict) => basename(verdict.path)) };
  const why = damaged.map((verdict) => `${basename(verdict.path)}: ${verdict.reason.en}`).join('; ');
  const whyZh = damaged.map((verdict) => `${basename(verdict.path)}：${verdict.reason.zh}`).join('；');
  throw noArchive(
    damaged.length === 0
      ? bi('There is no archive to restore from.', '没有可用于恢复的归档。')
      : bi(`Every archive is damaged (${why}).`, `所有归档都已损坏（${whyZh}）。`),
  );
}

const noArchive = (message: Bilingual): WorldError => new WorldError({ code: 'no-sound-archive', message });
