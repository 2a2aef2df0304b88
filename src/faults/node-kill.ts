import type { Fault, World } from '../core/fault.js';
import { bi } from '../core/text.js';
import { needsAbility } from './node-ability.js';
import { confirmGone, isStill, startAgain, stillDown } from './node-down.js';
import { type RecordedNode, recordedNodes, recordNodes } from './node-record.js';

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
  missing: needsAbility('node.kill', 'kill'),
  prepare: recordNodes,
  inject: async (world, data) => {
    await Promise.all(recordedNodes(world, data).map((node) => killOnce(world, node)));
  },
  confirm: confirmGone,
  revert: startAgain,
  residue: stillDown,
};

/** A process that was started since then is not ours to kill: a second call does nothing. */
async function killOnce(world: World, node: RecordedNode): Promise<void> {
  if (await isStill(world, node)) await world.cluster.driver.signal(node.spec, 'SIGKILL');
}
