import { WorldError } from '../core/errors.js';
import type { Fault, World } from '../core/fault.js';
import { agreedLeader, type MemberView, majorityOf, readMembers } from '../core/members.js';
import { type Bilingual, bi } from '../core/text.js';
import { needsAbility } from './node-ability.js';
import { confirmRestarted, restartOnce, untilBack } from './node-again.js';
import { startAgain, stillDown } from './node-down.js';
import { graceOf, graceParam } from './node-end.js';
import { type RecordedNode, recordedNodes, recordNodes } from './node-record.js';
import { firstMissing, refusing } from './param.js';

const STATUS_LIMIT_MS = 1_000;

/** How an upgrade goes through a cluster: the leader last, and never two at a time. */
export const nodeRollingRestart: Fault = {
  name: 'node.rolling-restart',
  title: bi('Restart nodes one by one', '逐个重启节点'),
  description: bi(
    'Restarts the nodes one after the other, the leader last; each must vote and serve again before the next, and one that does not come back ends it.',
    '逐个重启节点，主节点最后；前一个重新参与投票并提供服务后才轮到下一个，任何一个未恢复即停止。',
  ),
  scope: 'node',
  removesVoter: true,
  oneAtATime: true,
  params: [graceParam],
  liftedBy: ['node.start', 'node.restart'],
  undoText: bi('nothing, unless a node does not run: then start it', '无需撤销；若有节点没有运行则启动它'),
  missing: firstMissing(refusing(graceOf), needsAbility('node.rolling-restart', 'renew')),
  prepare: async (world, request) => {
    const graceMs = graceOf(request.params);
    return { ...(await recordNodes(world, request)), graceMs };
  },
  inject: async (world, data) => {
    for (const node of await leaderLast(world, recordedNodes(world, data))) {
      await requireMajorityWithout(world, node.spec.name);
      await restartOnce(world, node, data);
      await untilBack(world, node);
    }
  },
  confirm: confirmRestarted,
  revert: startAgain,
  residue: stillDown,
};

const look = (world: World): Promise<readonly MemberView[]> =>
  readMembers(world.cluster.registry, { limitMs: STATUS_LIMIT_MS });

async function leaderLast(world: World, nodes: readonly RecordedNode[]): Promise<readonly RecordedNode[]> {
  const leader = agreedLeader(await look(world));
  return [...nodes].sort((a, b) => Number(a.spec.name === leader) - Number(b.spec.name === leader));
}

/** A node that fell out in the meantime makes the next restart the loss of the majority. */
async function requireMajorityWithout(world: World, node: string): Promise<void> {
  const views = await look(world);
  const left = views.filter((view) => view.node !== node && view.answer.outcome === 'ok' && view.answer.value.voter);
  const needed = majorityOf(views.length);
  if (left.length >= needed) return;
  throw new WorldError({ code: 'quorum-at-risk', message: atRisk({ node, left: left.length, needed }) });
}

const atRisk = (seen: { readonly node: string; readonly left: number; readonly needed: number }): Bilingual =>
  bi(
    `without ${seen.node} only ${seen.left} voters would be left, ${seen.needed} are needed: it was not restarted`,
    `若重启 ${seen.node}，只剩 ${seen.left} 个投票节点，至少需要 ${seen.needed} 个：因此未重启`,
  );
