import type { Fault } from '../core/fault.js';
import { bi } from '../core/text.js';
import { needsAbility } from './node-ability.js';
import { confirmGone, isStill, startAgain, stillDown } from './node-down.js';
import { endNode, graceOf, graceParam, recordedGrace } from './node-end.js';
import { recordedNodes, recordNodes } from './node-record.js';
import { firstMissing, refusing } from './param.js';

/** SIGTERM: the node hands over what it leads and closes its files before it ends. */
export const nodeStop: Fault = {
  name: 'node.stop',
  title: bi('Stop a node', '停止节点'),
  description: bi(
    'Stops the node in an orderly way (SIGTERM, and SIGKILL only if it does not end), as maintenance would.',
    '有序停止节点（SIGTERM，超时不退出才 SIGKILL），等同于例行维护停机。',
  ),
  scope: 'node',
  removesVoter: true,
  params: [graceParam],
  liftedBy: ['node.start', 'node.restart'],
  undoText: bi('start the node again', '重新启动该节点'),
  missing: firstMissing(refusing(graceOf), needsAbility('node.stop', 'end')),
  prepare: async (world, request) => {
    const graceMs = graceOf(request.params);
    return { ...(await recordNodes(world, request)), graceMs };
  },
  inject: async (world, data) => {
    const stop = recordedNodes(world, data).map(async (node) => {
      if (await isStill(world, node)) await endNode(world, node.spec, recordedGrace(data));
    });
    await Promise.all(stop);
  },
  confirm: confirmGone,
  revert: startAgain,
  residue: stillDown,
};
