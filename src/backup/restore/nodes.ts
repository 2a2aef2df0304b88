/** Stopping and starting all nodes of the cluster. */

import { endsWithin } from '../../core/abilities.js';
import type { NodeSpec } from '../../core/drill.js';
import { WorldError } from '../../core/errors.js';
import type { World } from '../../core/fault.js';
import { bi } from '../../core/text.js';

/** A node that waits for its clients or for a majority does not end by itself. */
const TERM_WITHIN_MS = 2_000;
const KILL_WITHIN_MS = 5_000;

export interface StoppedNode {
  readonly node: string;
  /** Null = it did not run. */
  readonly pid: number | null;
  readonly by: 'SIGTERM' | 'SIGKILL' | 'already gone';
}

export const stopAll = (world: World): Promise<readonly StoppedNode[]> =>
  Promise.all(world.cluster.binding.nodes.map((node) => stopNode(world, node)));

async function stopNode(world: World, node: NodeSpec): Promise<StoppedNode> {
  const { clock } = world;
  const { driver } = world.cluster;
  const state = await driver.inspect(node);
  if (state.state === 'gone') return { node: node.name, pid: null, by: 'already gone' };
  if (state.state === 'running') {
    await driver.signal(node, 'SIGTERM');
    if (await endsWithin(driver, node, { start: state, withinMs: TERM_WITHIN_MS, clock }))
      return { node: node.name, pid: state.pid, by: 'SIGTERM' };
  }
  await driver.signal(node, 'SIGKILL');
  if (await endsWithin(driver, node, { start: state, withinMs: KILL_WITHIN_MS, clock }))
    return { node: node.name, pid: state.pid, by: 'SIGKILL' };
  throw new WorldError({
    code: 'node-not-stopped',
    message: bi(
      `node ${node.name} (pid ${state.pid}) is still there ${KILL_WITHIN_MS} ms after SIGKILL; its data was not touched`,
      `节点 ${node.name}（pid ${state.pid}）在 SIGKILL ${KILL_WITHIN_MS} 毫秒后仍存在；其数据未被触碰`,
    ),
    hint: bi(
      'something starts it again at once, or it hangs in the kernel: stop it by hand',
      '可能被立即拉起，或卡在内核中：请手工停止',
    ),
  });
}

/** Node → pid of the process that runs now. */
export async function startAll(world: World): Promise<Readonly<Record<string, number>>> {
  const { binding, driver, registry } = world.cluster;
  const started = await Promise.all(
    binding.nodes.map(async (node) => {
      const state = await driver.start(node);
      if (state.state === 'gone') throw notStarted(node.name);
      return [node.name, state.pid] as const;
    }),
  );
  // etcd lets a token of before wait until its new history is as long as the old one was.
  registry.forgetLogins?.();
  return Object.fromEntries(started);
}

const notStarted = (node: string): WorldError =>
  new WorldError({
    code: 'node-not-started',
    message: bi(`node ${node} was started and has no process`, `节点 ${node} 启动后没有进程`),
    hint: bi('see its log', '请查看其日志'),
  });

export async function goneNodes(world: World): Promise<readonly string[]> {
  const { binding, driver } = world.cluster;
  const states = await Promise.all(binding.nodes.map((node) => driver.inspect(node)));
  return binding.nodes.filter((_, index) => states[index]?.state === 'gone').map(({ name }) => name);
}
