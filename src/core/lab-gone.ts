import { access } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Cluster } from './target.js';

/** A practice cluster that was taken down: no process, no files. What was broken in it is gone with it. */
export async function labIsGone({ binding, driver }: Cluster): Promise<boolean> {
  if (binding.lab === null) return false;
  const left = await Promise.all(
    binding.nodes.map(async (node) => {
      if (node.data === undefined) return true;
      return (await folderExists(dirname(node.data))) || (await driver.inspect(node)).state !== 'gone';
    }),
  );
  return left.every((isLeft) => !isLeft);
}

const folderExists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
