import { access } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Undoer } from './fault.js';
import type { Cluster } from './target.js';
import { bi } from './text.js';

/** A practice cluster that was taken down: no process, no files. What was broken in it is gone with it. */
async function labIsGone({ binding, driver }: Cluster): Promise<boolean> {
  if (binding.lab === null) return false;
  const left = await Promise.all(
    binding.nodes.map(async (node) => {
      if (node.data === undefined) return true;
      return (await folderExists(dirname(node.data))) || (await driver.inspect(node)).state !== 'gone';
    }),
  );
  return left.every((isLeft) => !isLeft);
}

/** The same undoer, which has nothing to do and finds nothing left once the practice cluster was taken down. */
export const untilLabIsGone = <U extends Undoer>(undoer: U): U => ({
  ...undoer,
  revert: async (world, data) =>
    (await labIsGone(world.cluster))
      ? { reverted: true, nothingToDo: true, detail: bi('the practice cluster was taken down', '练习集群已被撤除') }
      : undoer.revert(world, data),
  residue: async (world, data) => ((await labIsGone(world.cluster)) ? [] : undoer.residue(world, data)),
});

const folderExists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
