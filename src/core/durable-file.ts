import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Writes the whole file or nothing, and returns when it would survive a power loss. */
export async function writeDurably(path: string, content: Uint8Array | string): Promise<void> {
  const partial = `${path}.partial`;
  const file = await open(partial, 'w');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(partial, path);
  await syncFolder(dirname(path));
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
