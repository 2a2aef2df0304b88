/** A node's data put aside while a fault is on it: beside the data, so that it is on the same disk. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { NodeSpec } from '../core/drill.js';
import { WorldError } from '../core/errors.js';
import { bi } from '../core/text.js';

export const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** The node's data path; a fault on files needs it. */
export function dataOf(node: NodeSpec): string {
  if (node.data !== undefined) return node.data;
  throw new WorldError({
    code: 'node-incomplete',
    message: bi(`where the data of ${node.name} is is not given`, `未给出 ${node.name} 的数据位置`),
    hint: bi('Add “data” to the node in the drill’s target.', '请在演练 target 的该节点上补充“data”。'),
  });
}

/** A path beside the data that nothing has yet: `<data>.firedrill-<what>-<n>`. */
export async function freeAside(data: string, what: string): Promise<string> {
  const names = (await exists(dirname(data))) ? new Set(await readdir(dirname(data))) : new Set<string>();
  for (let n = 1; ; n += 1) {
    const name = `${basename(data)}.firedrill-${what}-${n}`;
    if (!names.has(name)) return join(dirname(data), name);
  }
}
