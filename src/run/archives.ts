import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ArchiveVerdict, ListedArchive, UnsoundArchive } from '../core/backup.js';
import { flatSteps } from '../core/drill.js';
import type { BackupService } from '../core/services.js';
import type { Run } from './context.js';
import { pathIn } from './run-folders.js';

export { archiveName } from './run-folders.js';

export type SoundArchive = ArchiveVerdict & { readonly sound: true };

/** Folders that this drill's backups write to, but those that a fallback names: they are another place. */
const archiveFolders = (run: Run): readonly string[] => {
  const elsewhere = fallbackFolders(run);
  return ownFolders(run).filter((dir) => !elsewhere.includes(dir));
};

/** All of them, and those of the run that its fallbacks name. */
export const everyArchiveFolder = (run: Run): readonly string[] => [
  ...new Set([...ownFolders(run), ...fallbackFolders(run).filter((dir) => dir.startsWith(run.archiveDir))]),
];

const ownFolders = (run: Run): readonly string[] => {
  const names = flatSteps(run.drill).flatMap(({ step }) => (step.verb === 'backup' ? [step.to] : []));
  return [...new Set(names)].map((name) => join(run.archiveDir, name));
};

const fallbackFolders = (run: Run): readonly string[] =>
  flatSteps(run.drill).flatMap(({ step }) =>
    step.verb === 'restore'
      ? (step.fallback ?? []).flatMap((next) =>
          next.way === 'archives' && next.in !== 'latest' ? [pathIn(run, next.in)] : [],
        )
      : [],
  );

export interface Choice {
  /** Null = there is none, or none is sound. */
  readonly archive: SoundArchive | null;
  /** Looked at and passed over. */
  readonly damaged: readonly Refused[];
}

export type Refused = UnsoundArchive & {
  /** Older than the one that is taken: that it is damaged costs nothing today. */
  readonly older: boolean;
};

/**
 * `latest` = the newest sound archive of this drill's backups by backup time; else a path of the drill: an archive, or a
 * folder whose newest sound one is taken; of a folder, only what was made by `atMs`. Touches nothing.
 */
export async function chooseArchive(
  run: Run,
  wanted: string,
  {
    atMs = Infinity,
    backup = run.services.backup,
    latestOf = archiveFolders(run),
  }: { readonly atMs?: number; readonly backup?: BackupService; readonly latestOf?: readonly string[] } = {},
): Promise<Choice> {
  const path = wanted === 'latest' ? null : pathIn(run, wanted);
  if (path === null) return newestOf(latestOf, { atMs, backup });
  if (existsSync(path) && statSync(path).isDirectory()) return newestOf([path], { atMs, backup });
  const verdict = await backup.verify(path);
  return verdict.sound ? { archive: verdict, damaged: [] } : { archive: null, damaged: [{ ...verdict, older: false }] };
}

async function newestOf(
  folders: readonly string[],
  { atMs, backup }: { readonly atMs: number; readonly backup: BackupService },
): Promise<Choice> {
  const lists = await Promise.all(folders.filter((dir) => existsSync(dir)).map((dir) => backup.list(dir)));
  const listed = lists.flat();
  const sound = listed
    .flatMap((verdict) => (verdict.sound ? [verdict.info] : []))
    .filter(({ backupTimeUtc }) => Date.parse(backupTimeUtc) <= atMs)
    .sort((a, b) => b.backupTimeUtc.localeCompare(a.backupTimeUtc, 'en'));
  const damaged = listed.flatMap((verdict) => (verdict.sound ? [] : [verdict]));
  for (const { path } of sound) {
    const archive = await backup.verify(path);
    if (archive.sound) return { archive, damaged: damaged.map((one) => judged(one, { archive, lists })) };
    damaged.unshift(archive);
  }
  return { archive: null, damaged: damaged.map((one) => ({ ...one, older: false })) };
}

/** By its label; one without a label is as old as its place in the list. */
function judged(
  one: UnsoundArchive,
  { archive, lists }: { readonly archive: SoundArchive; readonly lists: readonly (readonly ListedArchive[])[] },
): Refused {
  const takenMs = Date.parse(archive.info.backupTimeUtc);
  if (one.backupTimeUtc !== undefined) return { ...one, older: Date.parse(one.backupTimeUtc) < takenMs };
  const list = lists.find((verdicts) => verdicts.some((verdict) => verdict === one)) ?? [];
  const before = list.slice(0, list.indexOf(one));
  return { ...one, older: before.some((v) => v.sound && Date.parse(v.info.backupTimeUtc) <= takenMs) };
}
