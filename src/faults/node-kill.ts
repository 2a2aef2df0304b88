import { pollUntil } from '../core/clock.js';
import { describeError, WorldError } from '../core/errors.js';
import type { Confirmation, Fault, RevertResult, UndoData, World } from '../core/fault.js';
import { readMembers } from '../core/members.js';
import { type Bilingual, bi } from '../core/text.js';
import { isSameProcess, nodeNames, type RecordedNode, recordedNodes, recordNodes } from './node-record.js';

const SERVES_WITHIN_MS = 5_000;

/** SIGKILL: the process has no chance to say goodbye, as in a crash or an out-of-memory kill. */
export const nodeKill: Fault = {
  name: 'node.kill',
  title: bi('Kill a node', '杀死节点'),
  description: bi(
    'Sends SIGKILL to the node’s process, as a crash or the out-of-memory killer would.',
    '向节点进程发送 SIGKILL，等同于崩溃或被 OOM 杀死。',
  ),
  scope: 'node',
  removesVoter: true,
  params: [],
  liftedBy: ['node.start', 'node.restart'],
  undoText: bi('start the node again', '重新启动该节点'),
  prepare: recordNodes,
  inject: async (world, data) => {
    await Promise.all(recordedNodes(world, data).map((node) => killOnce(world, node)));
  },
  confirm,
  revert,
  residue,
};

/** A process that was started since then is not ours to kill: a second call does nothing. */
async function killOnce(world: World, node: RecordedNode): Promise<void> {
  const { driver } = world.cluster;
  if (isSameProcess(await driver.inspect(node.spec), node)) await driver.signal(node.spec, 'SIGKILL');
}

async function confirm(world: World, data: UndoData): Promise<Confirmation> {
  const nodes = recordedNodes(world, data);
  const states = await Promise.all(nodes.map((node) => world.cluster.driver.inspect(node.spec, node)));
  const observedMs = world.clock.monotonicMs();
  const alive = nodes.filter((node, index) => {
    const state = states[index];
    return state !== undefined && isSameProcess(state, node);
  });
  if (alive.length > 0) {
    const names = nodeNames(alive);
    return {
      bitten: false,
      observedMs,
      detail: bi(`the process of ${names} is still in the process table`, `${names} 的进程仍在进程表中`),
    };
  }
  const pids = nodes.map(({ spec, pid }) => `${spec.name} (pid ${pid})`).join(', ');
  return { bitten: true, observedMs, detail: bi(`gone from the process table: ${pids}`, `已从进程表中消失：${pids}`) };
}

async function revert(world: World, data: UndoData): Promise<RevertResult> {
  const { driver } = world.cluster;
  const nodes = recordedNodes(world, data);
  const states = await Promise.all(nodes.map(({ spec }) => driver.inspect(spec)));
  const gone = nodes.filter((_, index) => states[index]?.state === 'gone');
  const names = nodeNames(gone.length === 0 ? nodes : gone);
  if (gone.length === 0) {
    return { reverted: true, nothingToDo: true, detail: bi(`running already: ${names}`, `${names} 已在运行`) };
  }
  try {
    await Promise.all(gone.map(({ spec }) => driver.start(spec)));
  } catch (error) {
    if (!(error instanceof WorldError)) throw error;
    return { reverted: false, detail: describeError(error) };
  }
  return afterStart(world, gone);
}

/** A start that the node does not survive is no revert; one that is only slow to serve is. */
async function afterStart(world: World, started: readonly RecordedNode[]): Promise<RevertResult> {
  const names = nodeNames(started);
  const { reached } = await pollUntil(
    () => readMembers(world.cluster.registry, { limitMs: 1_000 }),
    (views) => started.every(({ spec }) => views.some((v) => v.node === spec.name && v.answer.outcome === 'ok')),
    { clock: world.clock, withinMs: SERVES_WITHIN_MS, everyMs: 50 },
  );
  const dead = await goneNodes(world, started);
  if (dead.length > 0) {
    const who = nodeNames(dead);
    return {
      reverted: false,
      detail: bi(`${who} was started and ended again; see its log`, `${who} 启动后又退出；请查看其日志`),
    };
  }
  const detail = reached
    ? bi(`started ${names}; it answers`, `已启动 ${names}，且能应答`)
    : bi(`started ${names}; it does not answer yet`, `已启动 ${names}，但尚未应答`);
  return { reverted: true, nothingToDo: false, detail };
}

async function residue(world: World, data: UndoData): Promise<readonly Bilingual[]> {
  const dead = await goneNodes(world, recordedNodes(world, data));
  return dead.map(({ spec }) => bi(`node ${spec.name} does not run`, `节点 ${spec.name} 没有运行`));
}

async function goneNodes(world: World, nodes: readonly RecordedNode[]): Promise<readonly RecordedNode[]> {
  const states = await Promise.all(nodes.map(({ spec }) => world.cluster.driver.inspect(spec)));
  return nodes.filter((_, index) => states[index]?.state === 'gone');
}
