/** The picture of a target that is taken before a drill and after it. Reads only. */
import { missingAbility } from '../core/abilities.js';
import type { NodeSpec } from '../core/drill.js';
import { WorldError } from '../core/errors.js';
import { inParallel } from '../core/parallel.js';
import type { Cluster } from '../core/target.js';
import type { Area, Kind } from './area.js';
import { hostRules, qdiscsOf, rulesOf } from './packets.js';
import { proxiesAt } from './proxies.js';

/** A helper container each, where the nodes are containers. */
const AT_ONCE = 4;

export async function lookAround(cluster: Cluster): Promise<readonly Area[]> {
  const { driver, binding } = cluster;
  const apis = [...new Set(binding.nodes.flatMap(({ links }) => links?.api ?? []))];
  const [machine, toxics, nodes] = await Promise.all([
    seen('host-rules', '', hostRules),
    Promise.all(apis.map((api) => seen('proxies', api, () => proxiesAt(api, binding.nodes)))),
    inParallel(binding.nodes, AT_ONCE, (node) => lookAtNode(cluster, node)),
  ]);
  // What has a network of its own is looked at where it is.
  return [...(driver.name === 'process' || machine.things !== null ? [machine] : []), ...toxics, ...nodes.flat()];
}

async function lookAtNode({ driver }: Cluster, node: NodeSpec): Promise<readonly Area[]> {
  const { state } = await driver.inspect(node);
  const { network, helpersOf } = driver;
  const { name } = node;
  // Before helpers of our own are there.
  const helpers = helpersOf === undefined ? [] : [await seen('helpers', name, () => helpersOf(node))];
  const areas: Promise<Area>[] = [seen('node', name, async () => [state])];
  if (network !== undefined) {
    areas.push(seen('networks', name, async () => (await network.attached(node)).map((on) => on.network)));
  }
  if (state !== 'gone' && (await missingAbility(driver, node, 'runInNetworkOf')) === null) {
    areas.push(seen('rules', name, () => rulesOf(driver, node)));
    areas.push(seen('qdiscs', name, () => qdiscsOf(driver, node)));
  }
  return [...helpers, ...(await Promise.all(areas))];
}

async function seen(kind: Kind, of: string, look: () => Promise<readonly string[] | null>): Promise<Area> {
  try {
    return { kind, of, things: await look() };
  } catch (error) {
    if (!(error instanceof WorldError)) throw error;
    return { kind, of, things: null };
  }
}
