/** What the next increment can stand on: told by labels, so that an encrypted chain goes on without its key. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Cipher } from '../core/archive-cipher.js';
import { type ArchiveLabel, labelName, parseLabel, plainName } from '../core/archive-label.js';
import type { ArchiveLink } from '../core/backup.js';
import { type Bilingual, bi } from '../core/text.js';
import { parentPath } from './chain.js';
import type { StateSum } from './content-hash.js';
import { stateFromFile } from './manifest.js';
import { archivesByName } from './names.js';
import { openArchive } from './open-archive.js';

export interface Parent {
  readonly path: string;
  readonly link: ArchiveLink;
  readonly base: string;
  readonly product: string;
  readonly clusterId: string | null;
  readonly state: StateSum;
}

export type ParentLook =
  | { readonly found: true; readonly parent: Parent }
  | { readonly found: false; readonly why: Bilingual };

/** The newest archive of the folder, if it and all that it stands on are there as they were written. */
export async function findParent(dir: string, cipher?: Cipher): Promise<ParentLook> {
  const [newest] = archivesByName(await namesIn(dir));
  if (newest === undefined) return none(bi('there is no backup yet to stand on', '尚无可作为基础的备份'));
  let look = await lookAt(join(dir, newest), cipher);
  const result = look;
  for (const seen = new Set<string>(); look.found && look.above !== null; ) {
    const above = seen.has(look.above.file) ? null : await parentPath(look.above, dir);
    seen.add(look.above.file);
    if (above === null) return missing(look.above.file);
    look = await lookAt(above, cipher);
  }
  return look.found ? result : look;
}

type Look = { readonly found: false; readonly why: Bilingual } | (ParentLook & { readonly found: true } & Above);

interface Above {
  /** What it stands on itself; null = it is a full one. */
  readonly above: ArchiveLink | null;
}

async function lookAt(path: string, cipher?: Cipher): Promise<Look> {
  try {
    const label = await soundLabel(path);
    return label === null ? await byManifest(path, cipher) : await byLabel(path, label);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const file = basename(path);
    return none(bi(`${file} is damaged: ${why}`, `${file} 已损坏：${why}`));
  }
}

/** Null = there is none, or it is damaged: then the archive itself is asked. */
export async function soundLabel(path: string): Promise<ArchiveLabel | null> {
  try {
    return parseLabel(await readFile(join(dirname(path), labelName(basename(path))), 'utf8'));
  } catch {
    return null;
  }
}

async function byLabel(path: string, label: ArchiveLabel): Promise<Look> {
  const { size } = await stat(path);
  if (size !== label.bytes) throw new Error(`it has ${size} bytes, ${label.bytes} were written`);
  const sha256 = await hashOf(path);
  if (sha256 !== label.sha256) throw new Error(`its SHA-256 is ${sha256}, written was ${label.sha256}`);
  const parent = {
    path,
    link: linkTo(label.file, label.snapshot_sha256, label),
    base: label.base,
    product: label.product,
    clusterId: label.cluster_id,
    state: stateFromFile(label.state),
  };
  return { found: true, parent, above: label.parent };
}

async function byManifest(path: string, cipher?: Cipher): Promise<Look> {
  const { info, manifest, snapshotSha256 } = await openArchive(path, cipher);
  const parent = {
    path,
    link: linkTo(info.fileName, snapshotSha256, manifest),
    base: info.base,
    product: info.product,
    clusterId: info.clusterId,
    state: info.state,
  };
  return { found: true, parent, above: manifest.parent };
}

const linkTo = (
  file: string,
  snapshot_sha256: string,
  { revision, backup_time_utc }: Pick<ArchiveLink, 'revision' | 'backup_time_utc'>,
): ArchiveLink => ({ file: plainName(file), snapshot_sha256, revision, backup_time_utc });

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

const none = (why: Bilingual): { readonly found: false; readonly why: Bilingual } => ({ found: false, why });

const missing = (file: string) =>
  none(bi(`${file} is missing, on which the chain stands`, `缺少备份链所依赖的 ${file}`));

/** A folder that is not there holds no archive yet. */
export async function namesIn(dir: string): Promise<readonly string[]> {
  try {
    return await readdir(dir);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
