import { existsSync, statSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import type { ArchiveVerdict } from '../core/backup.js';
import { flatSteps } from '../core/drill.js';
import type { Run } from './context.js';

export type SoundArchive = ArchiveVerdict & { readonly sound: true };
type DamagedArchive = ArchiveVerdict & { readonly sound: false };

/** Folders that this drill's backups write to. */
export const archiveFolders = (run: Pick<Run, 'drill' | 'archiveDir'>): readonly string[] => {
  const names = flatSteps(run.drill).flatMap(({ step }) => (step.verb === 'backup' ? [step.to] : []));
  return [...new Set(names)].map((name) => join(run.archiveDir, name));
};

export interface Choice {
  /** Null = there is none, or none is sound. */
  readonly archive: SoundArchive | null;
  /** Looked at and passed over. */
  readonly damaged: readonly DamagedArchive[];
}

/**
 * `latest` = the newest sound archive of this drill's backups by backup time; else a path relative to the drill: an
 * archive, or a folder whose newest sound one is taken; of a folder, only what was made by `atMs`. Touches nothing.
 */
export async function chooseArchive(run: Run, wanted: string, atMs = Infinity): Promise<Choice> {
  const path = resolve(run.drillDir, wanted);
  if (wanted === 'latest') return newestOf(run, archiveFolders(run), atMs);
  if (existsSync(path) && statSync(path).isDirectory()) return newestOf(run, [path], atMs);
  const verdict = await run.services.backup.verify(path);
  return verdict.sound ? { archive: verdict, damaged: [] } : { archive: null, damaged: [verdict] };
}

async function newestOf(run: Run, folders: readonly string[], atMs: number): Promise<Choice> {
  const present = folders.filter((dir) => existsSync(dir));
  const verdicts = (await Promise.all(present.map((dir) => run.services.backup.list(dir)))).flat();
  const sound = verdicts
    .filter((verdict) => verdict.sound)
    .filter(({ info }) => Date.parse(info.backupTimeUtc) <= atMs);
  const [newest] = sound.sort((a, b) => b.info.backupTimeUtc.localeCompare(a.info.backupTimeUtc, 'en'));
  const damaged = verdicts.filter((verdict) => !verdict.sound);
  if (newest === undefined) return { archive: null, damaged };
  const archive = await run.services.backup.verify(newest.info.path);
  return archive.sound ? { archive, damaged } : { archive: null, damaged: [archive, ...damaged] };
}

export const isOfThisRun = ({ archiveDir }: Pick<Run, 'archiveDir'>, path: string): boolean =>
  !relative(archiveDir, path).startsWith('..');

/** Where the archive lies, without any absolute path. */
export function archiveName(run: Pick<Run, 'archiveDir' | 'drillDir'>, path: string): string {
  const inRun = relative(run.archiveDir, path);
  if (!inRun.startsWith('..')) return inRun;
  const inDrill = relative(run.drillDir, path);
  return inDrill.startsWith('..') ? basename(path) : inDrill;
}
