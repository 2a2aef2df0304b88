import type { Probe, Sample } from '../core/probe.js';
import { bi } from '../core/text.js';
import { exerciseAll, exerciseFacts, exerciseText } from './exercise.js';
import { withCluster } from './need-cluster.js';

/** A client gives up sooner than a registry that has lost its leader: one hung request must not hide the recovery. */
const REQUEST_LIMIT_MS = 1_000;

export const registryWritable: Probe = {
  name: 'registry.writable',
  title: bi('The registry takes writes', '注册中心可写'),
  description: bi(
    'Writes, reads and deletes an entry of its own through every endpoint; true when at least one endpoint did all three, as a client with a list of endpoints sees it.',
    '通过每个端点写入、读取并删除一个自有条目；只要有一个端点三步都成功即为真，等同于持有端点列表的客户端所见。',
  ),
  params: [
    {
      name: 'everyNode',
      type: 'boolean',
      required: false,
      description: bi('true: every endpoint has to do it', 'true：要求每个端点都成功'),
    },
  ],
  needs: 'cluster',
  defaultTolerance: { op: 'is', value: true },
  sample: withCluster(async (cluster, world, params): Promise<Sample> => {
    const exercises = await exerciseAll(cluster, world, {
      steps: ['register', 'discover', 'deregister'],
      requestLimitMs: REQUEST_LIMIT_MS,
    });
    const working = exercises.filter(({ failed }) => failed === null).length;
    const needed = params.everyNode === true ? exercises.length : 1;
    const seen = exerciseText(exercises);
    return {
      value: working >= needed,
      detail: bi(
        `${working} of ${exercises.length} endpoints took a write (needed: ${needed}): ${seen}`,
        `${exercises.length} 个端点中有 ${working} 个可写（需要 ${needed} 个）：${seen}`,
      ),
      facts: exerciseFacts(exercises),
    };
  }),
};
