import type { Probe, Sample } from '../core/probe.js';
import { bi } from '../core/text.js';
import { differences, judge, readIntegrity } from './integrity.js';
import { withCluster } from './need-cluster.js';

/** Seed §5.3, first method. */
export const integrityCount: Probe = {
  name: 'integrity.count',
  title: bi('The count agrees', '数量校验'),
  description: bi(
    'Every node holds as many durable entries as the newest sound archive and the ledger say (seed §5.3).',
    '每个节点持有的持久条目数与最新完好归档及账本一致（种子文档 §5.3）。',
  ),
  params: [],
  needs: 'cluster',
  defaultTolerance: { op: 'is', value: true },
  sample: withCluster(async (cluster, world): Promise<Sample> => {
    const read = await readIntegrity(cluster, world, null);
    if (!read.told) return read.sample;
    const { expected, nodes, source } = read.reading;
    const counts = nodes.map(({ node, content }): [string, number | string] => [
      node,
      content === null ? 'not readable' : content.size,
    ]);
    const seen = counts.map(([node, count]) => `${node} ${count}`).join(', ');
    const differ = differences(read.reading);
    return {
      value: judge(read.reading, (content) => content.size === expected.size),
      detail: bi(
        `expected ${expected.size} durable entries by ${source.en}; held: ${seen}${differ.en}`,
        `按${source.zh}应有 ${expected.size} 个持久条目；实际：${seen}${differ.zh}`,
      ),
      facts: { expected: expected.size, ...Object.fromEntries(counts) },
    };
  }),
};
