import { agreedLeader, readMembers } from '../core/members.js';
import type { Probe, Sample } from '../core/probe.js';
import { bi } from '../core/text.js';
import { withCluster } from './need-cluster.js';

export const registryHealthy: Probe = {
  name: 'registry.healthy',
  title: bi('Share of healthy members', '健康成员占比'),
  description: bi(
    'Percent of all members that answer and name the leader that the majority agreed on.',
    '能应答、且指认多数公认主节点的成员所占百分比。',
  ),
  params: [],
  needs: 'cluster',
  defaultTolerance: { op: 'atLeast', value: 100, unit: 'percent' },
  sample: withCluster(async (cluster, { limitMs, signal }): Promise<Sample> => {
    const views = await readMembers(cluster.registry, { limitMs, ...(signal && { signal }) });
    const leader = agreedLeader(views);
    const states = views.map(({ node, answer }) => {
      if (answer.outcome !== 'ok') return { node, state: 'no answer' };
      if (leader === null || answer.value.leader !== leader) return { node, state: 'other leader' };
      return { node, state: 'healthy' };
    });
    const healthy = states.filter(({ state }) => state === 'healthy').length;
    const ill = states.filter(({ state }) => state !== 'healthy').map(({ node, state }) => `${node}: ${state}`);
    const tail = ill.length === 0 ? '' : ` (${ill.join(', ')})`;
    return {
      value: (100 * healthy) / views.length,
      detail: bi(
        `${healthy} of ${views.length} members answer and agree on the leader${tail}`,
        `${views.length} 个成员中有 ${healthy} 个能应答并公认主节点${tail}`,
      ),
      facts: Object.fromEntries(states.map(({ node, state }) => [node, state])),
    };
  }),
};
