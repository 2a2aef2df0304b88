import { agreedLeader, majorityOf, readMembers } from '../core/members.js';
import type { Probe, Sample } from '../core/probe.js';
import { bi } from '../core/text.js';
import { withCluster } from './need-cluster.js';

export const registryLeader: Probe = {
  name: 'registry.leader',
  title: bi('A leader is agreed on', '已有公认的主节点'),
  description: bi(
    'True when one node takes itself for the leader and a majority of all nodes names it in the same term.',
    '当某节点自认为主节点，且全体节点的多数在同一任期内都指认它时为真。',
  ),
  params: [],
  needs: 'cluster',
  defaultTolerance: { op: 'is', value: true },
  sample: withCluster(async (cluster, { limitMs, signal }): Promise<Sample> => {
    const views = await readMembers(cluster.registry, { limitMs, ...(signal && { signal }) });
    const leader = agreedLeader(views);
    const named = views.map(({ node, answer }): readonly [string, string] => [
      node,
      answer.outcome === 'ok' ? `${answer.value.leader ?? 'none'}@${answer.value.term}` : 'no answer',
    ]);
    const seen = named.map(([node, text]) => `${node} → ${text}`).join(', ');
    const needed = majorityOf(views.length);
    return {
      value: leader !== null,
      detail:
        leader === null
          ? bi(`no leader that ${needed} nodes agree on: ${seen}`, `没有 ${needed} 个节点公认的主节点：${seen}`)
          : bi(`${leader} leads: ${seen}`, `主节点为 ${leader}：${seen}`),
      facts: Object.fromEntries(named),
    };
  }),
};
