import { chooseNode, limits } from '../../backup/index.js';
import { WorldError } from '../../core/errors.js';
import type { Cluster } from '../../core/target.js';
import { bi } from '../../core/text.js';
import type { TargetReading } from '../../readiness/index.js';
import type { Context } from '../context.js';
import { clusterOf } from '../target.js';

const LIST_LIMIT_MS = 60_000;

export type Present = Omit<TargetReading, 'runsLeftOut'>;

/** What the target holds now. Null = none was named; one that does not answer is an error, never “no target”. */
export async function readTarget(option: string | boolean | undefined, ctx: Context): Promise<Present | null> {
  if (option === undefined) return null;
  const cluster = await clusterOf(option, ctx);
  try {
    return await presentOf(cluster);
  } finally {
    cluster.registry.close();
  }
}

async function presentOf(cluster: Cluster): Promise<Present> {
  const { registry, binding } = cluster;
  const { node, leader } = await chooseNode(cluster, limits());
  const answer = await registry.client(node).listOwn({ limitMs: LIST_LIMIT_MS });
  if (answer.outcome !== 'ok') throw notListed(node, answer.reason);
  const entries = answer.value;
  const { product, version, clusterId } = binding;
  return {
    product,
    version,
    clusterId,
    node,
    leader,
    services: new Set(entries.map(({ service }) => service)).size,
    instances: entries.length,
    durable: entries.filter(({ leased }) => !leased).length,
  };
}

const notListed = (node: string, why: string): WorldError =>
  new WorldError({
    code: 'registry-unreachable',
    message: bi(
      `${node} did not list what the registry holds, so nothing was compared with it: ${why}`,
      `${node} 未能列出注册中心的内容，因此无法与之比较：${why}`,
    ),
    hint: bi('See what stands in the way: firedrill doctor --target …', '请查看障碍所在：firedrill doctor --target …'),
  });
