import { rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from '../core/durable-file.js';
import { WorldError } from '../core/errors.js';
import type { Confirmation, Fault, FaultRequest, UndoData, World } from '../core/fault.js';
import { bi } from '../core/text.js';
import { dataOf, exists, freeAside } from './kept.js';
import { needsAbility, needsData } from './node-ability.js';
import { isStill } from './node-down.js';
import { endNode, graceOf, graceParam, recordedGrace } from './node-end.js';
import { isSameProcess, recordNodes } from './node-record.js';
import { residue, revert } from './node-wipe-undo.js';
import { type WipedNode, wipedNodes } from './node-wiped.js';
import { firstMissing, refusing } from './param.js';

/** The disk of a node is lost: the node is down and has nothing to start from. */
export const nodeWipe: Fault = {
  name: 'data.node-wipe',
  title: bi('Lose a node’s data', '丢失节点数据'),
  description: bi(
    'Stops the node and takes its data away (kept beside it), as a lost disk would; the node stays stopped.',
    '停止节点并移走其数据（保留在旁边），等同于磁盘丢失；节点保持停止。',
  ),
  scope: 'node',
  removesVoter: true,
  params: [
    graceParam,
    {
      name: 'rejoin',
      type: 'boolean',
      required: false,
      description: bi(
        'undo by replacing the member: remove, add, start it empty so that it gets everything from the others (etcd); default false: its old data goes back',
        '撤销时以成员替换方式：移除、添加、空数据启动并从其他节点同步（etcd）；默认 false：放回原数据',
      ),
    },
  ],
  liftedBy: ['node.start', 'node.restart'],
  undoText: bi(
    'put the node’s data back and start it; with rejoin: replace the member and let it fetch everything',
    '放回节点数据并启动；若 rejoin：替换该成员并让其重新同步',
  ),
  missing: firstMissing(
    refusing(graceOf),
    needsData('data.node-wipe'),
    needsAbility('data.node-wipe', 'end'),
    async ({ registry }, { nodes, params }) => {
      if (params.rejoin !== true) return null;
      const { membership } = registry;
      if (membership === undefined) return bi('this registry has no members to replace', '该注册中心没有可替换的成员');
      const fixed = nodes.find((node) => !membership.canJoin(node));
      if (fixed === undefined) return null;
      return bi(
        `rejoin needs the start command of ${fixed.name} with --initial-cluster-state, to start it as a joining member`,
        `rejoin 需要 ${fixed.name} 的启动命令带有 --initial-cluster-state，以便作为新成员加入`,
      );
    },
  ),
  prepare,
  inject: async (world, data) => {
    for (const node of wipedNodes(world, data)) {
      if (await isStill(world, node)) await endNode(world, node.spec, recordedGrace(data));
      await takeAway(world, node);
    }
  },
  confirm,
  revert,
  residue,
};

async function prepare(world: World, request: FaultRequest): Promise<UndoData> {
  const graceMs = graceOf(request.params);
  const data = await recordNodes(world, request);
  const aside: Record<string, string> = {};
  for (const node of request.nodes) {
    const path = dataOf(node);
    if (!(await exists(path))) throw noData(node.name, path);
    aside[node.name] = await freeAside(path, 'wiped');
  }
  return { ...data, graceMs, aside, rejoin: request.params.rejoin === true };
}

/** Safe to repeat: once something is aside, what stands in its place came later. */
async function takeAway(world: World, { spec, aside }: WipedNode): Promise<void> {
  const path = dataOf(spec);
  const idle = (await world.cluster.driver.inspect(spec)).state === 'gone';
  if (!idle || (await exists(aside)) || !(await exists(path))) return;
  await rename(path, aside);
  await syncFolder(dirname(path));
}

async function confirm(world: World, data: UndoData): Promise<Confirmation> {
  const nodes = wipedNodes(world, data);
  const seen = await Promise.all(
    nodes.map(async (node) => {
      const state = await world.cluster.driver.inspect(node.spec);
      const empty = !(await exists(dataOf(node.spec))) && (await exists(node.aside));
      return { name: node.spec.name, bitten: empty && !isSameProcess(state, node) };
    }),
  );
  const observedMs = world.clock.monotonicMs();
  const whole = seen.filter(({ bitten }) => !bitten).map(({ name }) => name);
  const names = seen.map(({ name }) => name).join(', ');
  if (whole.length === 0) {
    return { bitten: true, observedMs, detail: bi(`${names}: stopped, without data`, `${names}：已停止且没有数据`) };
  }
  const left = whole.join(', ');
  return { bitten: false, observedMs, detail: bi(`${left} still has its data`, `${left} 的数据仍在`) };
}

const noData = (node: string, path: string): WorldError =>
  new WorldError({
    code: 'no-target',
    message: bi(
      `node ${node} has no data at ${path}, so none can be lost`,
      `节点 ${node} 在 ${path} 没有数据，无从丢失`,
    ),
  });
