/** One damaged file of one node: what was kept of it, and what it is now. */
import { chmod, chown, copyFile, mkdir, open, readFile, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncFolder, writeDurably } from '../core/durable-file.js';
import { invariant, WorldError } from '../core/errors.js';
import type { UndoData, World } from '../core/fault.js';
import { bi } from '../core/text.js';
import { DAMAGES, type Damage, damaged } from './damage.js';
import { dataOf, exists, sha256Of } from './kept.js';
import { type RecordedNode, recordedNodes, unreadable } from './node-record.js';

export interface DamagedFile extends RecordedNode {
  /** Below the node's data; '' = the data is the file. */
  readonly file: string;
  readonly path: string;
  /** Folder beside the data: the original file and the hashes. */
  readonly kept: string;
  readonly how: Damage;
  readonly bytes: number;
}

export function damagedFile(world: World, data: UndoData): DamagedFile {
  const [node] = recordedNodes(world, data);
  const { file, kept, bytes } = data;
  const how = DAMAGES.find((each) => each === data.how);
  if (node === undefined || how === undefined) throw unreadable('nodes, how');
  if (typeof file !== 'string' || typeof kept !== 'string' || typeof bytes !== 'number')
    throw unreadable('file, kept, bytes');
  return { ...node, file, path: file === '' ? dataOf(node.spec) : join(dataOf(node.spec), file), kept, how, bytes };
}

export const originalOf = ({ kept }: DamagedFile): string => join(kept, 'original');
const hashesOf = ({ kept }: DamagedFile): string => join(kept, 'hashes.json');

/** `changed`: neither the original nor as we left it; a node that was started on it has written to it. */
export type FileState =
  | { readonly is: 'untouched' | 'original' | 'changed' }
  | { readonly is: 'damaged'; readonly before: string; readonly after: string };

interface Hashes {
  readonly before: string;
  readonly after: string;
}

export async function fileState(file: DamagedFile): Promise<FileState> {
  if (!(await exists(hashesOf(file)))) return { is: 'untouched' };
  const hashes = await readHashes(file);
  const now = (await exists(file.path)) ? await sha256Of(file.path) : null;
  if (now === hashes.before) return { is: 'original' };
  return now === hashes.after ? { is: 'damaged', ...hashes } : { is: 'changed' };
}

export async function readHashes(file: DamagedFile): Promise<Hashes> {
  const read: unknown = JSON.parse(await readFile(hashesOf(file), 'utf8'));
  invariant(typeof read === 'object' && read !== null && 'before' in read && 'after' in read, 'hashes.json is ours');
  return { before: String(read.before), after: String(read.after) };
}

/** Safe to repeat, and to break off anywhere: the original and both hashes are on the disk before the file is changed. */
export async function damageOnce(world: World, file: DamagedFile): Promise<void> {
  if ((await world.cluster.driver.inspect(file.spec)).state !== 'gone') return;
  const state = await fileState(file);
  if (state.is !== 'untouched' && state.is !== 'original') return;
  const after = await damaged(file.path, file.how, file.bytes);
  if (after === null) throw empty(file);
  const draft = join(file.kept, 'damaged');
  await mkdir(file.kept, { recursive: true });
  await copyDurably(file.path, originalOf(file));
  await writeDurably(draft, after);
  const hashes: Hashes = { before: await sha256Of(file.path), after: await sha256Of(draft) };
  await writeDurably(hashesOf(file), JSON.stringify(hashes));
  await putInPlace(draft, file);
}

/** Keeps owner and mode: the node must be able to read what it finds. */
export async function putInPlace(from: string, file: DamagedFile): Promise<void> {
  const { uid, gid, mode } = await stat(originalOf(file));
  await chmod(from, mode);
  await chown(from, uid, gid);
  await rename(from, file.path);
  await syncFolder(dirname(file.path));
}

async function copyDurably(from: string, to: string): Promise<void> {
  const { uid, gid } = await stat(from);
  await copyFile(from, `${to}.partial`);
  await chown(`${to}.partial`, uid, gid);
  const copy = await open(`${to}.partial`, 'r');
  await copy.sync();
  await copy.close();
  await rename(`${to}.partial`, to);
  await syncFolder(dirname(to));
}

const empty = ({ spec, path }: DamagedFile): WorldError =>
  new WorldError({
    code: 'no-target',
    message: bi(`${path} of ${spec.name} is empty: nothing can be damaged`, `${spec.name} 的 ${path} 为空，无可损坏`),
  });
