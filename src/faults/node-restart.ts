import type { Fault } from '../core/fault.js';
import { bi } from '../core/text.js';
import { needsAbility } from './node-ability.js';
import { confirmRestarted, restartOnce } from './node-again.js';
import { startAgain, stillDown } from './node-down.js';
import { graceOf, graceParam } from './node-end.js';
import { recordedNodes, recordNodes } from './node-record.js';
import { firstMissing, refusing } from './param.js';

/** Stop and start in one step: a fault that is over by itself, unless the node does not come back. */
export const nodeRestart: Fault = {
  name: 'node.restart',
  title: bi('Restart a node', '重启节点'),
  description: bi(
    'Stops the node in an orderly way and starts it again at once; several nodes at the same time.',
    '有序停止节点并立即重新启动；选中多个节点时同时进行。',
  ),
  scope: 'node',
  removesVoter: true,
  params: [graceParam],
  liftedBy: ['node.start', 'node.restart'],
  undoText: bi('nothing, unless the node does not run: then start it', '无需撤销；若节点没有运行则启动它'),
  missing: firstMissing(refusing(graceOf), needsAbility('node.restart', 'renew')),
  prepare: async (world, request) => {
    const graceMs = graceOf(request.params);
    return { ...(await recordNodes(world, request)), graceMs };
  },
  inject: async (world, data) => {
    await Promise.all(recordedNodes(world, data).map((node) => restartOnce(world, node, data)));
  },
  confirm: confirmRestarted,
  revert: startAgain,
  residue: stillDown,
};
