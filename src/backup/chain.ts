/** An archive with everything it stands on: a full one, and the increments up to it. */
import { access } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type Cipher, KEY_CODES } from '../core/archive-cipher.js';
import type { ArchiveInfo, ArchiveLink, Snapshot } from '../core/backup.js';
import { describeError, WorldError } from '../core/errors.js';
import { bi } from '../core/text.js';
import { type ChainState, snapshotOfState, stateOfFull, withIncrement } from './chain-state.js';
import { type OpenedArchive, type OpenedFull, type OpenedIncrement, openArchive } from './open-archive.js';
import { damaged } from './stored-file.js';

/** A schedule begins anew every week: 168 hours. What is longer has lost its fulls, or goes round in a circle. */
const MAX_LINKS = 10_000;

export interface Chain {
  readonly newest: OpenedArchive;
  readonly full: OpenedFull;
  /** Oldest first; the last is the newest archive, unless that is the full one. */
  readonly increments: readonly OpenedIncrement[];
  readonly state: ChainState;
}

/** Opens and proves all of it; throws with the first thing that is wrong, and in which file. */
export async function openChain(path: string, cipher?: Cipher): Promise<Chain> {
  const newest = await openArchive(path, cipher);
  const increments: OpenedIncrement[] = [];
  let archive = newest;
  while (archive.type === 'incremental') {
    increments.unshift(archive);
    if (increments.length > MAX_LINKS) throw new Error(`more than ${MAX_LINKS} increments stand on each other`);
    archive = await openParent(archive, dirname(path), cipher);
  }
  let state = stateOfFull(archive);
  for (const increment of increments) state = applied(state, increment);
  return { newest, full: archive, increments, state };
}

async function openParent(
  { info, manifest }: OpenedIncrement,
  dir: string,
  cipher: Cipher | undefined,
): Promise<OpenedArchive> {
  const { parent } = manifest;
  if (parent === null) throw new Error(`${info.fileName} names no parent`);
  const path = await parentPath(parent, dir);
  if (path === null) {
    throw damaged(
      bi(
        `${parent.file} is missing, on which ${info.fileName} stands`,
        `${info.fileName} 所依赖的 ${parent.file} 缺失`,
      ),
    );
  }
  try {
    return await openArchive(path, cipher);
  } catch (error) {
    if (error instanceof WorldError && KEY_CODES.includes(error.code)) throw error;
    const why = describeError(error);
    throw damaged(
      bi(
        `${basename(path)}, on which ${info.fileName} stands, is damaged: ${why.en}`,
        `${info.fileName} 所依赖的 ${basename(path)} 已损坏：${why.zh}`,
      ),
      error,
    );
  }
}

/** The parent lies in the same folder, encrypted or not; null = it does not. */
export async function parentPath({ file }: Pick<ArchiveLink, 'file'>, dir: string): Promise<string | null> {
  for (const name of [file, `${file}.age`]) {
    const path = join(dir, basename(name));
    if (await exists(path)) return path;
  }
  return null;
}

function applied(state: ChainState, increment: OpenedIncrement): ChainState {
  try {
    return withIncrement(state, increment);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`${increment.info.fileName}: ${why}`, { cause: error });
  }
}

/** What a full archive of the same moment would hold. */
export const snapshotOfChain = ({ newest, increments, state }: Chain): Snapshot =>
  increments.length === 0 ? newest.snapshot : snapshotOfState(state);

export const infosOf = ({ full, increments }: Chain): readonly ArchiveInfo[] => [
  full.info,
  ...increments.map(({ info }) => info),
];

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
