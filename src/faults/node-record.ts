/** The undo data of faults on nodes: which process was hit. */
import type { NodeSpec } from '../core/drill.js';
import { WorldError } from '../core/errors.js';
import { type FaultRequest, isRecord, type Json, type UndoData, type World } from '../core/fault.js';
import type { NodeState } from '../core/target.js';
import { bi } from '../core/text.js';

export interface RecordedNode {
  readonly spec: NodeSpec;
  readonly pid: number;
  readonly startTicks: number;
}

/** Reads the process of every node; refuses nodes that do not run, as the fault would prove nothing on them. */
export async function recordNodes(world: World, request: FaultRequest): Promise<UndoData> {
  if (request.nodes.length === 0) {
    throw new WorldError({
      code: 'no-target',
      message: bi(
        `step ${request.step} matched no node, so there is nothing to break`,
        `步骤 ${request.step} 没有匹配到任何节点，无从注入故障`,
      ),
    });
  }
  const nodes = await Promise.all(
    request.nodes.map(async (spec) => {
      const state = await world.cluster.driver.inspect(spec);
      if (state.state !== 'running') throw notRunning(spec.name, state.state);
      return { node: spec.name, pid: state.pid, startTicks: state.startTicks };
    }),
  );
  return { nodes };
}

export function recordedNodes(world: World, data: UndoData): readonly RecordedNode[] {
  const { nodes } = data;
  if (!Array.isArray(nodes)) throw unreadable('nodes');
  return nodes.map((node: Json) => {
    if (!isRecord(node)) throw unreadable('nodes');
    const { pid, startTicks } = node;
    if (typeof pid !== 'number' || typeof startTicks !== 'number') throw unreadable('pid, startTicks');
    const spec = world.cluster.binding.nodes.find(({ name }) => name === node.node);
    if (spec === undefined) throw unreadable(`node ${JSON.stringify(node.node)}`);
    return { spec, pid, startTicks };
  });
}

/** True while the process that was hit is the one that the node is; a node started since then is another process. */
export const isSameProcess = (state: NodeState, recorded: RecordedNode): boolean =>
  state.state !== 'gone' && state.pid === recorded.pid && state.startTicks === recorded.startTicks;

export const nodeNames = (nodes: readonly RecordedNode[]): string => nodes.map(({ spec }) => spec.name).join(', ');

/** Nodes operated by commands may not tell their process. */
export const withPid = ({ spec, pid }: RecordedNode): string => (pid === 0 ? spec.name : `${spec.name} (pid ${pid})`);

export const unreadable = (what: string): WorldError =>
  new WorldError({
    code: 'undo-unreadable',
    message: bi(`the undo record cannot be used: ${what} is missing or wrong`, `撤销记录无法使用：${what} 缺失或有误`),
    hint: bi(
      'put the target back by hand as the plan describes; the record belongs to another target or version',
      '请按方案手工恢复目标；该记录属于另一个目标或版本',
    ),
  });

const notRunning = (node: string, state: 'frozen' | 'gone'): WorldError =>
  new WorldError({
    code: 'node-not-running',
    message:
      state === 'gone'
        ? bi(`node ${node} has no process, so it cannot be broken`, `节点 ${node} 没有进程，无法注入故障`)
        : bi(`node ${node} is frozen already, so it cannot be broken`, `节点 ${node} 已处于冻结状态，无法注入故障`),
    hint: bi('run `firedrill recover`, or start the node', '请运行 `firedrill recover`，或启动该节点'),
  });
