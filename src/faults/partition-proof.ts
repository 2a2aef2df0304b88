/** The proof of a partition, from inside the cut nodes and from their clients' side. */
import type { Confirmation, UndoData, World } from '../core/fault.js';
import { bi } from '../core/text.js';
import { addressOf, connects } from './connects.js';
import { reachedFrom } from './packet-helper.js';
import { isBehind } from './packet-site.js';
import { recordedPartition, type Site } from './partition-record.js';

const CLIENT_LIMIT_MS = 300;

/** From inside each cut node no peer takes a connection, while its clients still reach it and those peers. */
export async function confirmCut(world: World, data: UndoData): Promise<Confirmation> {
  const { image, mark, sites } = recordedPartition(world, data);
  const [looks, deaf] = await Promise.all([
    Promise.all(
      sites.map(async (site) => {
        if (!(await isBehind(world, site))) return { site, reached: site.probes };
        return { site, reached: await reachedFrom(world.cluster, site, { image, mark, probes: site.probes }) };
      }),
    ),
    deafNodes(world, sites),
  ]);
  const observedMs = world.clock.monotonicMs();
  const open = looks.flatMap(({ site, reached }) => (reached ?? []).map(({ to }) => `${site.spec.name} → ${to}`));
  if (open.length > 0) {
    const pairs = open.join(', ');
    return { bitten: false, observedMs, detail: bi(`still connected: ${pairs}`, `仍可连接：${pairs}`) };
  }
  const untold = looks.filter(({ reached }) => reached === null).map(({ site }) => site.spec.name);
  if (untold.length > 0 || deaf.length > 0) {
    const names = [...untold, ...deaf].join(', ');
    return {
      bitten: null,
      observedMs,
      detail: bi(`it could not be told of ${names}`, `无法判断 ${names} 的情况`),
    };
  }
  const pairs = sites.flatMap(({ spec, probes }) => probes.map(({ to }) => `${spec.name} → ${to}`)).join(', ');
  return {
    bitten: true,
    observedMs,
    detail: bi(`no connection ${pairs}; clients still reach them`, `无法连接 ${pairs}；客户端仍可访问这些节点`),
  };
}

/** Nodes that take no connection from us: of these a failed connection between them would prove nothing. */
async function deafNodes({ cluster }: World, sites: readonly Site[]): Promise<readonly string[]> {
  const names = new Set(sites.flatMap(({ spec, probes }) => [spec.name, ...probes.map(({ to }) => to)]));
  const nodes = cluster.binding.nodes.filter(({ name }) => names.has(name));
  const heard = await Promise.all(nodes.map(({ url }) => connects(addressOf(url), CLIENT_LIMIT_MS)));
  return nodes.filter((_, index) => heard[index] !== true).map(({ name }) => name);
}
