/** The nodes' data on disk: put aside, put in place, hashed, put back. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { syncFolder } from '../../core/durable-file.js';
import { exists, type FullRecord, type NodeData } from './record.js';

/** Safe to repeat: what is aside already is the old data, and what stands in its place came later. */
export async function putAside({ nodes }: FullRecord): Promise<void> {
  for (const { data, aside } of nodes) {
    if (!(await exists(data)) || (await exists(aside))) continue;
    await rename(data, aside);
    await syncFolder(dirname(data));
  }
}

/** Safe to repeat, and to break off anywhere: the last old data to go back is the last sign of the restore. */
export async function putBack({ nodes }: FullRecord): Promise<void> {
  for (const node of nodes) await removeLeftovers(node);
  for (const { data, hadData } of nodes) {
    if (!hadData) await rm(data, { recursive: true, force: true });
  }
  for (const { data, aside } of nodes) {
    if (!(await exists(aside))) continue;
    await rm(data, { recursive: true, force: true });
    await rename(aside, data);
    await syncFolder(dirname(data));
  }
}

export async function removeAside({ nodes }: FullRecord): Promise<void> {
  for (const node of nodes) {
    await removeLeftovers(node);
    await rm(node.aside, { recursive: true, force: true });
    await syncFolder(dirname(node.data));
  }
}

/** Old data that is still aside, and working folders of a placement that was killed. */
export async function asideNow({ nodes }: FullRecord): Promise<readonly string[]> {
  const found = await Promise.all(
    nodes.map(async (node) => [...((await exists(node.aside)) ? [node.aside] : []), ...(await leftovers(node))]),
  );
  return found.flat();
}

async function removeLeftovers(node: NodeData): Promise<void> {
  for (const path of await leftovers(node)) await rm(path, { recursive: true, force: true });
}

async function leftovers({ data }: NodeData): Promise<readonly string[]> {
  const begin = `${basename(data)}.firedrill-place-`;
  const names = (await exists(dirname(data))) ? await readdir(dirname(data)) : [];
  return names.filter((name) => name.startsWith(begin)).map((name) => join(dirname(data), name));
}

/** File (relative to the folder the data is in) → SHA-256 of what is on the disk. */
export async function hashFiles(data: string, files: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const hashes: [string, string][] = [];
  for (const file of files) hashes.push([relative(dirname(data), file), await hashFile(file)]);
  return Object.fromEntries(hashes);
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
