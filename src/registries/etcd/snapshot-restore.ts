/** Lays a snapshot down as a member's data folder, with the tool that belongs to the node's own etcd. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import type { NodeSpec } from '../../core/drill.js';
import { WorldError } from '../../core/errors.js';
import { bi } from '../../core/text.js';
import { dataOf, peerUrlOf } from './node-data.js';

const run = promisify(execFile);
const LIMIT_MS = 60_000;

interface Placement {
  readonly bytes: Uint8Array;
  readonly node: NodeSpec;
  /** All members: each is told of the others. */
  readonly nodes: readonly NodeSpec[];
}

/** Returns the files of the new data folder. It must not exist before. */
export async function restoreSnapshot({ bytes, node, nodes }: Placement): Promise<readonly string[]> {
  const data = dataOf(node);
  if (await exists(data)) throw failed(node, `${data} is still there`);
  // Next to the data and under another name: whoever looks for the node by its data path does not find the tool.
  const work = await mkdtemp(`${data}.firedrill-place-`);
  try {
    const snapshot = join(work, 'snapshot.db');
    await writeFile(snapshot, bytes);
    await runTool(node, restoreArgs({ bytes, node, nodes }, { snapshot, dataDir: join(work, 'data') }));
    await rename(join(work, 'data'), data);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  const files = await readdir(data, { recursive: true, withFileTypes: true });
  return files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name));
}

/** A new token, the same for all members of this restore: a forgotten old member cannot join by mistake. */
function restoreArgs(
  { bytes, node, nodes }: Placement,
  { snapshot, dataDir }: { readonly snapshot: string; readonly dataDir: string },
): readonly string[] {
  const token = `firedrill-${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}`;
  const cluster = nodes.map((each) => `${each.name}=${peerUrlOf(each)}`).join(',');
  return [
    'snapshot',
    'restore',
    snapshot,
    ...['--name', node.name],
    ...['--initial-cluster', cluster],
    ...['--initial-cluster-token', token],
    ...['--initial-advertise-peer-urls', peerUrlOf(node)],
    ...['--data-dir', dataDir],
  ];
}

/** `etcdutl` (from 3.5 on) or `etcdctl`: beside the node's own binary first, so that the versions agree. */
async function runTool(node: NodeSpec, args: readonly string[]): Promise<void> {
  const server = node.start[0] ?? '';
  const places = isAbsolute(server) ? [`${dirname(server)}/`, ''] : [''];
  for (const tool of places.flatMap((place) => [`${place}etcdutl`, `${place}etcdctl`])) {
    try {
      await run(tool, args, { timeout: LIMIT_MS, env: { ...process.env, ETCDCTL_API: '3' } });
      return;
    } catch (error) {
      if (!isMissing(error)) throw failed(node, `${tool}: ${lastLine(error)}`, error);
    }
  }
  throw failed(node, 'neither `etcdutl` nor `etcdctl` was found beside its binary or on the PATH');
}

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';

const lastLine = (error: unknown): string =>
  error instanceof Error && 'stderr' in error && String(error.stderr).trim() !== ''
    ? (String(error.stderr).trim().split('\n').at(-1) ?? '')
    : String(error);

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

function failed(node: NodeSpec, why: string, cause?: unknown): WorldError {
  return new WorldError({
    code: 'place-failed',
    message: bi(
      `the snapshot could not be put in place of the data of ${node.name}: ${why}`,
      `无法用快照替换 ${node.name} 的数据：${why}`,
    ),
    hint: bi('Debian has the tool in `etcd-client`.', 'Debian 的 `etcd-client` 软件包中有此工具。'),
    cause,
  });
}
