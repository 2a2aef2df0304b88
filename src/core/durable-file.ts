import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Writes the whole file or nothing, and returns when it would survive a power loss. Rejects when the signal aborts. */
export async function writeDurably(path: string, content: Uint8Array | string, signal?: AbortSignal): Promise<void> {
  const partial = `${path}.partial`;
  try {
    await writeAndSync(partial, content, signal);
    signal?.throwIfAborted();
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

async function writeAndSync(path: string, content: Uint8Array | string, signal?: AbortSignal): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(content, { signal });
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes renames and removals in the folder survive a power loss. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
