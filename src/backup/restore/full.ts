/** The six steps of seed §5.2 on stopped nodes, after one more look at the archive. */
import type { Cipher } from '../../core/archive-cipher.js';
import { WorldError } from '../../core/errors.js';
import type { Json, World } from '../../core/fault.js';
import type { BackupRestore } from '../../core/services.js';
import { bi } from '../../core/text.js';
import { digest } from '../archive-parts.js';
import type { OpenedFull } from '../open-archive.js';
import { type Done, substeps } from '../substep.js';
import { checkArchive } from './check-archive.js';
import { hashFiles, putAside } from './data.js';
import { startAll, stopAll } from './nodes.js';
import type { FullRecord } from './record.js';
import { registrationsOf } from './whole-chain.js';

type Options = Parameters<BackupRestore['execute']>[1] & { readonly cipher: Cipher | undefined };

/** What was written for one node: file → SHA-256 right after the writing. */
interface Placed {
  readonly node: string;
  readonly data: string;
  readonly files: readonly string[];
  readonly hashes: Readonly<Record<string, string>>;
}

export async function restoreAll(
  world: World,
  record: FullRecord,
  { archive, onSubstep, cipher }: Options,
): Promise<void> {
  const steps = substeps({ clock: world.clock, signal: world.signal, onSubstep });
  const chain = await steps.run('check-archive', () => checkArchive(world, archive, cipher));
  await steps.run('stop', () => stop(world));
  await steps.run('clear', () => clear(record));
  const placed = await steps.run('restore', () => place(world, record, chain.full));
  await steps.run('verify', () => verifyPlaced(placed, chain.full));
  await steps.run('start', () => start(world));
  await steps.run('registrations', () => registrationsOf(world, chain));
}

async function stop(world: World): Promise<Done<null>> {
  const stopped = await stopAll(world);
  const text = stopped.map(({ node, pid, by }) => `${node} (${pid === null ? by : `pid ${pid}, ${by}`})`).join(', ');
  return {
    value: null,
    detail: bi(`all nodes are stopped: ${text}`, `所有节点均已停止：${text}`),
    facts: Object.fromEntries(stopped.map(({ node, pid, by }) => [node, { pid, by }])),
  };
}

async function clear(record: FullRecord): Promise<Done<null>> {
  await putAside(record);
  const nodes = record.nodes.map(({ node }) => node).join(', ');
  return {
    value: null,
    detail: bi(
      `the old data of ${nodes} is moved aside (${record.mark}), to be removed once the restore is complete`,
      `${nodes} 的旧数据已移开（${record.mark}），待恢复完成后删除`,
    ),
    facts: { aside: record.mark, nodes: record.nodes.map(({ node }) => node) },
  };
}

async function place(world: World, record: FullRecord, { native }: OpenedFull): Promise<Done<readonly Placed[]>> {
  const { backup } = world.cluster.registry;
  const placed = await Promise.all(
    record.nodes.map(async ({ node, data }): Promise<Placed> => {
      const spec = world.cluster.binding.nodes.find(({ name }) => name === node);
      if (spec === undefined) throw unknownNode(node);
      const files = await backup.place(native.bytes, spec);
      return { node, data, files, hashes: await hashFiles(data, files) };
    }),
  );
  const count = placed.reduce((sum, { files }) => sum + files.length, 0);
  return {
    value: placed,
    detail: bi(
      `${native.name} is put in place of the data of ${placed.length} nodes (${count} files)`,
      `${native.name} 已放入 ${placed.length} 个节点的数据位置（${count} 个文件）`,
    ),
    facts: Object.fromEntries(placed.map(({ node, hashes }): [string, Json] => [node, hashes])),
  };
}

/** Read back from the disk. A node for which one file was written holds the archive's copy itself: then the hashes must agree. */
async function verifyPlaced(placed: readonly Placed[], { native }: OpenedFull): Promise<Done<null>> {
  const archived = digest('sha256', native.bytes);
  const results = await Promise.all(placed.map((node) => verifyNode(node, archived)));
  const bytes = results.every(({ copy }) => copy === 'byte for byte');
  return {
    value: null,
    detail: bytes
      ? bi(
          `read back, every node’s data is the archive’s ${native.name} byte for byte (SHA-256 ${archived.slice(0, 12)}…)`,
          `回读后各节点数据与归档中的 ${native.name} 逐字节一致（SHA-256 ${archived.slice(0, 12)}…）`,
        )
      : bi(
          `read back, every file is as it was written; ${native.name} (SHA-256 ${archived.slice(0, 12)}…) was unpacked by the registry’s own tool, which checks it`,
          `回读后每个文件与写入时一致；${native.name}（SHA-256 ${archived.slice(0, 12)}…）由注册中心自带工具展开并校验`,
        ),
    facts: { archived, ...Object.fromEntries(results.map(({ node, hashes, copy }) => [node, { copy, ...hashes }])) },
  };
}

async function verifyNode({ node, data, files, hashes }: Placed, archived: string) {
  const now = await hashFiles(data, files);
  const changed = Object.entries(now).filter(([file, hash]) => hashes[file] !== hash);
  if (files.length === 0) throw notVerified(node, 'no file was written');
  if (changed.length > 0)
    throw notVerified(node, `${changed.map(([file]) => file).join(', ')} differs from what was written`);
  // One file is the copy itself; etcd's own tool makes several of it.
  const single = files.length === 1;
  if (single && !Object.values(now).includes(archived)) throw notVerified(node, 'its data is not the archive’s copy');
  return { node, hashes: now, copy: single ? 'byte for byte' : 'by the registry’s tool' };
}

async function start(world: World): Promise<Done<null>> {
  const pids = await startAll(world);
  const text = Object.entries(pids).map(([node, pid]) => `${node} (pid ${pid})`);
  return {
    value: null,
    detail: bi(`all nodes are started: ${text.join(', ')}`, `所有节点均已启动：${text.join('、')}`),
    facts: { pids },
  };
}

const notVerified = (node: string, why: string): WorldError =>
  new WorldError({
    code: 'restore-not-verified',
    message: bi(
      `the data put in place for ${node} is not right: ${why}; the node was not started on it`,
      `为 ${node} 放入的数据有误：${why}；未用其启动节点`,
    ),
    hint: bi('check the disk; the old data goes back', '请检查磁盘；旧数据将被放回'),
  });

const unknownNode = (node: string): WorldError =>
  new WorldError({
    code: 'undo-unreadable',
    message: bi(
      `the undo record names node ${node}, which the target does not have`,
      `撤销记录中的节点 ${node} 不属于该目标`,
    ),
  });
