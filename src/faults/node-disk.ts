/** Which disk `node.disk-full` may fill: a small one, on which only chosen nodes have their data. */
import { access, constants, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { NodeSpec } from '../core/drill.js';
import { WorldError } from '../core/errors.js';
import type { Fault } from '../core/fault.js';
import { type Bilingual, bi } from '../core/text.js';
import { type Disk, diskAt } from './disk-space.js';
import { dataOf, freeAside } from './kept.js';
import { firstOf, needsData } from './node-ability.js';
import { firstMissing, type NumberSpec, numberOf, numberParam, refusing } from './param.js';

const MIB = 1024 * 1024;
const MOST: NumberSpec = {
  name: 'atMostMiB',
  least: 1,
  most: 16_384,
  usual: 2_048,
  en: 'the largest disk that may be filled, in MiB',
  zh: '允许填满的磁盘的最大容量（MiB）',
};
export const diskParam = numberParam(MOST);

export const whyNotFilled: NonNullable<Fault['missing']> = firstMissing(
  refusing((params) => numberOf(params, MOST)),
  needsData('node.disk-full'),
  (cluster, { nodes, params }) => {
    const others = cluster.binding.nodes.filter(({ name }) => !nodes.some((node) => node.name === name));
    return firstOf(nodes, (node) => whyNot(node, { others, mostBytes: numberOf(params, MOST) * MIB }));
  },
);

async function whyNot(
  node: NodeSpec,
  { others, mostBytes }: { readonly others: readonly NodeSpec[]; readonly mostBytes: number },
): Promise<Bilingual | null> {
  const data = dataOf(node);
  const disk = await diskAt(data);
  if (disk === null) {
    return refusal(node, bi(`there is no ${data} on this machine`, `本机没有 ${data}`), RUN_THERE);
  }
  if (disk.device === (await stat('/')).dev) {
    return refusal(node, bi(`${data} is on the root file system`, `${data} 位于根文件系统`), SMALL_DISK);
  }
  if (disk.sizeBytes > mostBytes) {
    const [has, may] = [Math.ceil(disk.sizeBytes / MIB), mostBytes / MIB];
    return refusal(
      node,
      bi(`its disk has ${has} MiB, and at most ${may} may be filled`, `其磁盘为 ${has} MiB，最多允许填满 ${may} MiB`),
      SMALL_DISK,
    );
  }
  for (const other of others) {
    if (other.data === undefined || (await diskAt(other.data))?.device !== disk.device) continue;
    return refusal(
      node,
      bi(`its disk is also the one of ${other.name}`, `其磁盘同时也是 ${other.name} 的磁盘`),
      SMALL_DISK,
    );
  }
  return whyNotWritten(node);
}

async function whyNotWritten(node: NodeSpec): Promise<Bilingual | null> {
  const folder = dirname((await ballastFor(node)).path);
  try {
    await access(folder, constants.W_OK);
    return null;
  } catch {
    return refusal(node, bi(`${folder} cannot be written by this user`, `当前用户无法写入 ${folder}`), AS_ITS_USER);
  }
}

/** Where the file goes that fills the disk: beside the data, or in it where the data is a mount point. */
export async function ballastFor(node: NodeSpec): Promise<{ readonly path: string; readonly disk: Disk }> {
  const data = dataOf(node);
  const disk = await diskAt(data);
  if (disk === null) {
    throw new WorldError({ code: 'no-target', message: bi(`${data} is not there`, `${data} 不存在`) });
  }
  const beside = (await stat(dirname(data))).dev === disk.device;
  return { path: await freeAside(beside ? data : join(data, 'disk'), 'ballast'), disk };
}

const refusal = ({ name }: NodeSpec, why: Bilingual, instead: Bilingual): Bilingual =>
  bi(
    `node.disk-full cannot be done on ${name}: ${why.en}; ${instead.en}`,
    `无法在 ${name} 上执行 node.disk-full：${why.zh}；${instead.zh}`,
  );

const RUN_THERE = bi('run Firedrill where the disk is', '请在磁盘所在的机器上运行 Firedrill');
const AS_ITS_USER = bi('run as the node’s user, or as root', '请以节点的用户或 root 运行');
const SMALL_DISK = bi(
  'give each node a small disk of its own for its data (a partition, a tmpfs or a file mounted by loop; a container gets its folder by a bind mount), or take the practice cluster etcd-3-small-disks',
  '请为每个节点的数据准备独立的小磁盘（分区、tmpfs 或 loop 挂载的文件；容器以 bind 挂载其目录），或使用练习集群 etcd-3-small-disks',
);
