import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { archiveLabelled } from '../core/archive-label.js';
import type { ListedArchive } from '../core/backup.js';
import { WorldError } from '../core/errors.js';
import { bi } from '../core/text.js';
import { type Chain, openChain } from './chain.js';
import { type ChainState, stateOfFull, withIncrement } from './chain-state.js';
import { archivesByName } from './names.js';
import { proveNative } from './native-copy.js';
import { type OpenedArchive, openArchive } from './open-archive.js';
import { type Proving, unusable } from './verify.js';

/** Newest first by their own backup time; one that is damaged, or gone and has left its label, stands where its name puts it. */
export async function listArchives(dir: string, proving: Proving): Promise<readonly ListedArchive[]> {
  const present = await namesIn(dir);
  const names = archivesByName([...present, ...lostOf(present)]);
  const verdicts: ListedArchive[] = [];
  // Oldest first: the state of a chain is carried on, and each archive is read once.
  let state: ChainState | null = null;
  for (const name of names.toReversed()) {
    const look = await lookAt(join(dir, name), state, proving);
    state = look.state;
    verdicts.unshift(look.verdict);
  }
  const sound = verdicts.filter((verdict) => verdict.sound);
  // The sort is stable: archives of the same second stay in the order of their names.
  const ordered = sound.sort((a, b) => Date.parse(b.info.backupTimeUtc) - Date.parse(a.info.backupTimeUtc)).values();
  return verdicts.map((verdict) => (verdict.sound ? (ordered.next().value ?? verdict) : verdict));
}

/** Archives of which only the label is left: somebody took them away, and they are missed. */
const lostOf = (present: readonly string[]): readonly string[] =>
  present.flatMap((name) => {
    const archive = archiveLabelled(name);
    return archive === null || present.includes(archive) ? [] : [archive];
  });

interface Look {
  readonly verdict: ListedArchive;
  readonly state: ChainState | null;
}

async function lookAt(path: string, before: ChainState | null, { cipher, checkNative }: Proving): Promise<Look> {
  try {
    const archive = await openArchive(path, cipher);
    await proveNative(archive, checkNative);
    const state = await stateAfter(archive, before, () => openChain(path, cipher));
    return { verdict: { sound: true, info: archive.info }, state };
  } catch (error) {
    return { verdict: await unusable(path, error), state: null };
  }
}

async function stateAfter(
  archive: OpenedArchive,
  before: ChainState | null,
  openAll: () => Promise<Chain>,
): Promise<ChainState> {
  if (archive.type === 'full') return stateOfFull(archive);
  const follows = before?.newest.snapshotSha256 === archive.manifest.parent?.snapshot_sha256;
  return before !== null && follows ? withIncrement(before, archive) : (await openAll()).state;
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
