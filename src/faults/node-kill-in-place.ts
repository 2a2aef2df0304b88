import { pollUntil } from '../core/clock.js';
import type { NodeSpec } from '../core/drill.js';
import type { Fault, World } from '../core/fault.js';
import { bi } from '../core/text.js';
import { needsAbility } from './node-ability.js';
import { confirmGone, isStill, startAgain, stillDown } from './node-down.js';
import { recordedNodes, recordNodes } from './node-record.js';

/** Docker waits longer each time a container dies soon after its start. */
const BROUGHT_BACK_WITHIN_MS = 20_000;

/** SIGKILL past the node's manager: it sees a crash, and its restart policy decides what comes next. */
export const nodeKillInPlace: Fault = {
  name: 'node.kill-in-place',
  title: bi('Kill a node past its manager', '绕过管理器杀死节点'),
  description: bi(
    'Kills the node’s main process from the host, as a crash would: its container’s restart policy acts.',
    '从宿主机杀死节点主进程，等同于崩溃：由容器的重启策略决定后续。',
  ),
  scope: 'node',
  removesVoter: true,
  params: [],
  liftedBy: ['node.start', 'node.restart'],
  undoText: bi('start the node again, unless its restart policy did', '若重启策略没有将其拉起，则重新启动该节点'),
  missing: needsAbility(
    'node.kill-in-place',
    'killInPlace',
    bi('a node without a manager is killed with node.kill', '没有管理器的节点请用 node.kill'),
  ),
  prepare: recordNodes,
  inject: async (world, data) => {
    const { driver } = world.cluster;
    const kill = recordedNodes(world, data).map(async (node) => {
      if (await isStill(world, node)) await driver.killInPlace?.(node.spec);
    });
    await Promise.all(kill);
  },
  // The process that was hit is gone, whether or not another one has taken its place by now.
  confirm: confirmGone,
  revert: async (world, data) => {
    await Promise.all(recordedNodes(world, data).map(({ spec }) => untilBroughtBack(world, spec)));
    return startAgain(world, data);
  },
  residue: stillDown,
};

/** While the manager waits before its next start, a start of ours would come in its way. */
async function untilBroughtBack(world: World, node: NodeSpec): Promise<void> {
  const { driver } = world.cluster;
  if ((await driver.inspect(node)).state !== 'gone') return;
  if (!(await driver.restartPolicy?.(node))?.bringsBack) return;
  await pollUntil(
    () => driver.inspect(node),
    ({ state }) => state !== 'gone',
    { clock: world.clock, withinMs: BROUGHT_BACK_WITHIN_MS, everyMs: 50 },
  );
}
