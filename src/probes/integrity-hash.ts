import { createHash } from 'node:crypto';
import type { Probe, Sample } from '../core/probe.js';
import { bi } from '../core/text.js';
import { type Content, differences, judge, readIntegrity } from './integrity.js';
import { withCluster } from './need-cluster.js';

const SHOWN_DIGITS = 12;

/** Seed §5.3, second method. */
export const integrityHash: Probe = {
  name: 'integrity.hash',
  title: bi('The content hash agrees', '哈希校验'),
  description: bi(
    'The SHA-256 over every node’s sorted durable entries equals that of the newest sound archive and the ledger (seed §5.3).',
    '每个节点排序后的持久条目的 SHA-256 与最新完好归档及账本一致（种子文档 §5.3）。',
  ),
  params: [],
  needs: 'cluster',
  defaultTolerance: { op: 'is', value: true },
  sample: withCluster(async (cluster, world): Promise<Sample> => {
    const read = await readIntegrity(cluster, world, null);
    if (!read.told) return read.sample;
    const { expected, nodes, source } = read.reading;
    const wanted = contentHash(expected);
    const hashes = nodes.map(({ node, content }): [string, string] => [
      node,
      content === null ? 'not readable' : contentHash(content),
    ]);
    const seen = hashes.map(([node, hash]) => `${node} ${hash.slice(0, SHOWN_DIGITS)}`).join(', ');
    const differ = differences(read.reading);
    return {
      value: judge(read.reading, (content) => contentHash(content) === wanted),
      detail: bi(
        `expected ${wanted.slice(0, SHOWN_DIGITS)}… over ${expected.size} entries by ${source.en}; held: ${seen}${differ.en}`,
        `按${source.zh}，${expected.size} 个条目的哈希应为 ${wanted.slice(0, SHOWN_DIGITS)}…；实际：${seen}${differ.zh}`,
      ),
      facts: { expected: wanted, ...Object.fromEntries(hashes) },
    };
  }),
};

/** One sorted line per entry: `service/instance/value`, the value quoted so that a line break in it stays one line. */
export function contentHash(content: Content): string {
  const lines = [...content].map(([key, value]) => `${key}/${JSON.stringify(value)}\n`).sort();
  return createHash('sha256').update(lines.join('')).digest('hex');
}
