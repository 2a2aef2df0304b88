import { WorldError } from '../core/errors.js';
import type { Confirmation, Fault, FaultRequest, UndoData, World } from '../core/fault.js';
import { bi } from '../core/text.js';
import { DAMAGES, newestFile } from './damage.js';
import { dataOf, exists, freeAside } from './kept.js';
import { needsAbility, needsData } from './node-ability.js';
import { damagedFile, damageOnce, fileState } from './node-damage.js';
import { residue, revert } from './node-damage-undo.js';
import { isStill } from './node-down.js';
import { endNode, graceOf, graceParam, recordedGrace } from './node-end.js';
import { recordNodes } from './node-record.js';
import { firstMissing, type NumberSpec, numberOf, numberParam, refusing, wordOf } from './param.js';

const BYTES: NumberSpec = {
  name: 'bytes',
  least: 1,
  most: 65_536,
  usual: 16,
  whole: true,
  en: 'how many bytes are flipped',
  zh: '翻转的字节数',
};

/** Bit rot, or a disk that lied about what it had written: found only when the node reads its files again. */
export const nodeCorrupt: Fault = {
  name: 'data.node-corrupt',
  title: bi('Damage a file of a node', '损坏节点文件'),
  description: bi(
    'Stops the node and damages its newest file: bytes flipped, or its second half cut off. The node stays stopped.',
    '停止节点并损坏其最新的文件：翻转字节，或截去后一半。节点保持停止。',
  ),
  scope: 'node',
  removesVoter: true,
  params: [
    {
      name: 'how',
      type: 'string',
      required: false,
      description: bi('flip (default): flips bytes; cut: cuts the file off', 'flip（默认）：翻转字节；cut：截断文件'),
    },
    {
      name: 'file',
      type: 'string',
      required: false,
      description: bi(
        'text that the file’s path below the data folder holds, for example wal; default: the newest file of all',
        '文件在数据目录下的路径所含文字，例如 wal；默认：最新的文件',
      ),
    },
    numberParam(BYTES),
    graceParam,
  ],
  liftedBy: [],
  undoText: bi('put the original file back and start the node', '放回原文件并启动节点'),
  missing: firstMissing(
    refusing((params) => [wordOf(params, 'how', DAMAGES), numberOf(params, BYTES), graceOf(params)]),
    needsData('data.node-corrupt'),
    needsAbility('data.node-corrupt', 'end'),
  ),
  prepare,
  inject: async (world, data) => {
    const file = damagedFile(world, data);
    if (await isStill(world, file)) await endNode(world, file.spec, recordedGrace(data));
    await damageOnce(world, file);
  },
  confirm,
  revert,
  residue,
};

async function prepare(world: World, request: FaultRequest): Promise<UndoData> {
  const { params, step } = request;
  const [node, ...more] = request.nodes;
  if (node === undefined || more.length > 0) throw oneNode(step, request.nodes.length);
  const text = typeof params.file === 'string' ? params.file : '';
  const data = dataOf(node);
  const file = (await exists(data)) ? await newestFile(data, text) : null;
  if (file === null) throw noFile(node.name, `${data} (${text})`);
  return {
    ...(await recordNodes(world, request)),
    graceMs: graceOf(params),
    how: wordOf(params, 'how', DAMAGES),
    bytes: numberOf(params, BYTES),
    file,
    kept: await freeAside(data, 'damaged'),
  };
}

async function confirm(world: World, data: UndoData): Promise<Confirmation> {
  const file = damagedFile(world, data);
  const state = await fileState(file);
  const gone = !(await isStill(world, file));
  const observedMs = world.clock.monotonicMs();
  const { name } = file.spec;
  const where = file.file === '' ? dataOf(file.spec) : file.file;
  if (state.is === 'damaged' && gone) {
    const { before, after } = state;
    const change = `${before.slice(0, 12)} → ${after.slice(0, 12)}`;
    return {
      bitten: true,
      observedMs,
      detail: bi(
        `${name}: ${where} has other bytes (SHA-256 ${change})`,
        `${name}：${where} 的内容已变（SHA-256 ${change}）`,
      ),
    };
  }
  return {
    bitten: false,
    observedMs,
    detail: bi(`${name}: ${where} is ${state.is}`, `${name}：${where} 的状态为 ${state.is}`),
  };
}

const oneNode = (step: string, found: number): WorldError =>
  new WorldError({
    code: 'no-target',
    message: bi(
      `step ${step} chose ${found} nodes; data.node-corrupt damages one file of one node`,
      `步骤 ${step} 选中 ${found} 个节点；data.node-corrupt 只损坏一个节点的一个文件`,
    ),
  });

const noFile = (node: string, where: string): WorldError =>
  new WorldError({
    code: 'no-target',
    message: bi(`node ${node} has no such file: ${where}`, `节点 ${node} 没有这样的文件：${where}`),
  });
