import type { Probe, Sample } from '../core/probe.js';
import { bi } from '../core/text.js';
import { exerciseAll, exerciseFacts, exerciseText } from './exercise.js';
import { withCluster } from './need-cluster.js';

/** Seed §5.3, third method: "technical green" is not enough. */
export const integrityFunctional: Probe = {
  name: 'integrity.functional',
  title: bi('Every node works', '功能验证'),
  description: bi(
    'Registers, discovers, asks for health and deregisters on every node (seed §5.3).',
    '在每个节点上执行注册、发现、健康检查与注销（种子文档 §5.3）。',
  ),
  params: [],
  needs: 'cluster',
  defaultTolerance: { op: 'is', value: true },
  sample: withCluster(async (cluster, world): Promise<Sample> => {
    const exercises = await exerciseAll(cluster, world, { steps: ['register', 'discover', 'health', 'deregister'] });
    const working = exercises.filter(({ failed }) => failed === null).length;
    const seen = exerciseText(exercises);
    return {
      value: working === exercises.length,
      detail: bi(
        `${working} of ${exercises.length} nodes registered, discovered, answered for health and deregistered: ${seen}`,
        `${exercises.length} 个节点中有 ${working} 个完成注册、发现、健康检查与注销：${seen}`,
      ),
      facts: exerciseFacts(exercises),
    };
  }),
};
