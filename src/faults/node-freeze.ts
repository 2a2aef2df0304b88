import { pollUntil } from '../core/clock.js';
import type { Confirmation, Fault, RevertResult, UndoData, World } from '../core/fault.js';
import { type Bilingual, bi } from '../core/text.js';
import { needsAbility } from './node-ability.js';
import { isSameProcess, nodeNames, type RecordedNode, recordedNodes, recordNodes } from './node-record.js';

const STATE_CHANGE_WITHIN_MS = 2_000;

/** SIGSTOP: connections stay open and nothing answers, as on a node that swaps or hangs in the hypervisor. */
export const nodeFreeze: Fault = {
  name: 'node.freeze',
  title: bi('Freeze a node', '冻结节点'),
  description: bi(
    'Stops the node’s process with SIGSTOP: its connections stay open, but nothing answers.',
    '用 SIGSTOP 暂停节点进程：连接保持打开，但不再应答。',
  ),
  scope: 'node',
  removesVoter: true,
  keepsProcess: true,
  params: [],
  liftedBy: ['node.resume', 'node.restart'],
  undoText: bi('let the process go on (SIGCONT)', '让进程继续运行（SIGCONT）'),
  missing: needsAbility('node.freeze', 'freeze'),
  prepare: recordNodes,
  inject: async (world, data) => {
    const { driver } = world.cluster;
    const running = await inState(world, recordedNodes(world, data), 'running');
    await Promise.all(running.map(({ spec }) => driver.signal(spec, 'SIGSTOP')));
  },
  confirm,
  revert,
  residue,
};

/** Those of the recorded processes that are in this state now; a newer process of the same node does not count. */
async function inState(
  world: World,
  nodes: readonly RecordedNode[],
  wanted: 'running' | 'frozen',
): Promise<readonly RecordedNode[]> {
  const states = await Promise.all(nodes.map(({ spec }) => world.cluster.driver.inspect(spec)));
  return nodes.filter((node, index) => {
    const state = states[index];
    return state?.state === wanted && isSameProcess(state, node);
  });
}

async function confirm(world: World, data: UndoData): Promise<Confirmation> {
  const nodes = recordedNodes(world, data);
  const frozen = await inState(world, nodes, 'frozen');
  const observedMs = world.clock.monotonicMs();
  if (frozen.length === nodes.length) {
    const names = nodeNames(nodes);
    return { bitten: true, observedMs, detail: bi(`${names} is frozen (state T)`, `${names} 已冻结（状态 T）`) };
  }
  const names = nodeNames(nodes.filter((node) => !frozen.includes(node)));
  return { bitten: false, observedMs, detail: bi(`${names} is not frozen`, `${names} 未被冻结`) };
}

async function revert(world: World, data: UndoData): Promise<RevertResult> {
  const nodes = recordedNodes(world, data);
  const frozen = await inState(world, nodes, 'frozen');
  if (frozen.length === 0) {
    const names = nodeNames(nodes);
    return {
      reverted: true,
      nothingToDo: true,
      detail: bi(`no process of ${names} is frozen by us`, `${names} 没有被我们冻结的进程`),
    };
  }
  const names = nodeNames(frozen);
  await Promise.all(frozen.map(({ spec }) => world.cluster.driver.signal(spec, 'SIGCONT')));
  const { value: still } = await pollUntil(
    () => inState(world, frozen, 'frozen'),
    (left) => left.length === 0,
    { clock: world.clock, withinMs: STATE_CHANGE_WITHIN_MS, everyMs: 5 },
  );
  if (still.length === 0) {
    return { reverted: true, nothingToDo: false, detail: bi(`${names} goes on`, `${names} 已继续运行`) };
  }
  const stuck = nodeNames(still);
  return { reverted: false, detail: bi(`${stuck} is still frozen after SIGCONT`, `${stuck} 在 SIGCONT 之后仍被冻结`) };
}

async function residue(world: World, data: UndoData): Promise<readonly Bilingual[]> {
  const frozen = await inState(world, recordedNodes(world, data), 'frozen');
  return frozen.map(({ spec }) => bi(`node ${spec.name} is still frozen`, `节点 ${spec.name} 仍被冻结`));
}
