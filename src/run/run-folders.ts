/** Folders of the run that a drill names in braces, and names of files without any absolute path. */
import { mkdirSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import type { KeyFiles } from '../core/archive-cipher.js';
import type { OpeningKeys, RunFolder } from '../core/drill.js';
import { type Bilingual, bi } from '../core/text.js';
import type { Run } from './context.js';

type Folders = Pick<Run, 'archiveDir' | 'stateDir' | 'drillDir'>;

const privateDir = ({ stateDir }: Pick<Run, 'stateDir'>): string => join(stateDir, 'private');

/** `{archives}` and `{private}` in a word of the drill; other braces are left alone. */
export const filled = (run: Folders, word: string): string =>
  word.replace(/(?<![{$])\{(archives|private)\}(?!\})/g, (_, folder: RunFolder) => folderOf(run, folder));

/** A path of the drill, absolute. */
export const pathIn = (run: Folders, word: string): string => resolve(run.drillDir, filled(run, word));

function folderOf(run: Folders, folder: RunFolder): string {
  if (folder === 'archives') return run.archiveDir;
  const dir = privateDir(run);
  // The run's state goes when the run is over, and this with it.
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  return dir;
}

export const keyFilesOf = (run: Folders, { identity, passphraseFile }: OpeningKeys): KeyFiles => ({
  ...(identity !== undefined && { identities: [pathIn(run, identity)] }),
  ...(passphraseFile !== undefined && { passphrase: pathIn(run, passphraseFile) }),
});

/** Where an archive lies, without any absolute path. */
export function archiveName(run: Pick<Run, 'archiveDir' | 'drillDir'>, path: string): string {
  const inRun = relative(run.archiveDir, path);
  if (!inRun.startsWith('..')) return inRun;
  const inDrill = relative(run.drillDir, path);
  return inDrill.startsWith('..') ? basename(path) : inDrill;
}

/** What others say of files, as the drill would name them: no path of this machine belongs in a journal. */
export function withoutPaths(run: Folders, { en, zh }: Bilingual): Bilingual {
  const named = (text: string): string =>
    text
      .replaceAll(privateDir(run), '{private}')
      .replaceAll(run.archiveDir, '{archives}')
      .replaceAll(`${run.drillDir}/`, '');
  return bi(named(en), named(zh));
}
