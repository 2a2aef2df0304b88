import { stat } from 'node:fs/promises';
import { WorldError } from '../core/errors.js';
import type { Confirmation, Fault, FaultRequest, Json, UndoData, World } from '../core/fault.js';
import { type Bilingual, bi } from '../core/text.js';
import { diskAt, fillWith, isRoomFor, refusedWrite } from './disk-space.js';
import { ballastFor, diskParam, whyNotFilled } from './node-disk.js';
import { type FilledNode, filledNodes } from './node-disk-record.js';
import { residue, revert } from './node-disk-undo.js';
import { recordNodes } from './node-record.js';

/** What happens to it is the registry's own doing: etcd ends, ZooKeeper lives on and serves nobody. */
export const nodeDiskFull: Fault = {
  name: 'node.disk-full',
  title: bi('Fill a node’s disk', '填满节点磁盘'),
  description: bi(
    'Fills the disk that the node’s data is on with one file, only where that is a small disk of the node’s own.',
    '用一个文件填满节点数据所在的磁盘；仅当该磁盘为节点独有的小容量磁盘时才可用。',
  ),
  scope: 'node',
  removesVoter: true,
  params: [diskParam],
  liftedBy: [],
  undoText: bi('delete the ballast file, start the node again', '删除填充文件，重新启动节点'),
  missing: whyNotFilled,
  prepare,
  inject: async (world, data) => {
    await Promise.all(filledNodes(world, data).map(fill));
  },
  confirm,
  revert,
  residue,
};

async function prepare(world: World, request: FaultRequest): Promise<UndoData> {
  const recorded = await recordNodes(world, request);
  const why = await whyNotFilled(world.cluster, request);
  if (why !== null) throw new WorldError({ code: 'disk-not-fillable', message: why });
  const own = (await stat(world.stateDir)).dev;
  const disks: Record<string, Json> = {};
  for (const node of request.nodes) {
    const { path, disk } = await ballastFor(node);
    if (disk.device === own) throw ourOwnDisk(node.name);
    disks[node.name] = { ballast: path, sizeBytes: disk.sizeBytes, freeBytes: disk.freeBytes };
  }
  return { ...recorded, disks };
}

async function fill({ spec, ballast, sizeBytes }: FilledNode): Promise<void> {
  if (await fillWith(ballast, sizeBytes)) return;
  throw new WorldError({
    code: 'disk-not-full',
    message: bi(
      `the disk of ${spec.name} took ${sizeBytes} bytes, its whole size, and is not full`,
      `${spec.name} 的磁盘写入了 ${sizeBytes} 字节（其全部容量）仍未满`,
    ),
  });
}

/** By the file system’s own count, and by a write of ours that it refuses. */
async function confirm(world: World, data: UndoData): Promise<Confirmation> {
  const seen = await Promise.all(filledNodes(world, data).map(lookAt));
  const observedMs = world.clock.monotonicMs();
  const [en, zh] = [seen.map(({ said }) => said.en).join('; '), seen.map(({ said }) => said.zh).join('；')];
  return { bitten: seen.every(({ full }) => full), observedMs, detail: bi(en, zh) };
}

async function lookAt({ spec, ballast }: FilledNode): Promise<{ readonly full: boolean; readonly said: Bilingual }> {
  const { name } = spec;
  const disk = await diskAt(ballast);
  if (disk === null) return { full: false, said: bi(`${name}: nothing fills its disk`, `${name}：磁盘未被填充`) };
  const refused = isRoomFor(disk) ? null : await refusedWrite(ballast);
  const [en, zh] = [`${name}: ${disk.freeBytes} bytes free`, `${name}：剩余 ${disk.freeBytes} 字节`];
  if (refused === null) return { full: false, said: bi(en, zh) };
  return { full: true, said: bi(`${en}, a write is refused (${refused})`, `${zh}，写入被拒绝（${refused}）`) };
}

const ourOwnDisk = (node: string): WorldError =>
  new WorldError({
    code: 'disk-not-fillable',
    message: bi(
      `the disk of ${node} is also the one of Firedrill’s state folder: with it full, nothing could be undone`,
      `${node} 的磁盘同时存放 Firedrill 的状态目录：填满后将无法撤销`,
    ),
    hint: bi('Name another state folder in FIREDRILL_STATE.', '请用 FIREDRILL_STATE 指定其他状态目录。'),
  });
