/** What all faults with packet rules record: in which nodes' network namespaces the rules are, and how they are marked. */
import type { Attachment } from '../core/abilities.js';
import type { NodeSpec } from '../core/drill.js';
import { WorldError } from '../core/errors.js';
import { type FaultRequest, isRecord, type Json, type UndoData, type World } from '../core/fault.js';
import type { Cluster } from '../core/target.js';
import { type Bilingual, bi } from '../core/text.js';
import { isStill } from './node-down.js';
import { type RecordedNode, recordedNodes, recordNodes, unreadable } from './node-record.js';

/** A node in whose network namespace the rules are. */
export interface PacketSite extends RecordedNode {
  /** Null = the namespace comes and goes with the process. */
  readonly network: string | null;
}

export interface PacketRecord {
  readonly image: string;
  readonly mark: string;
  readonly sites: readonly PacketSite[];
}

export const imageOf = ({ driver }: Cluster): string => driver.helperImage?.() ?? '';

/** By node name. */
export type Addresses = ReadonlyMap<string, readonly Attachment[]>;

export async function addressesOf({ cluster }: Pick<World, 'cluster'>): Promise<Addresses> {
  const { namespace, network } = cluster.driver;
  const ask = namespace?.addresses ?? network?.attached;
  if (ask === undefined) {
    throw new WorldError({ code: 'ability-missing', message: bi('no “network”', '没有“network”') });
  }
  return new Map(await Promise.all(cluster.binding.nodes.map(async (node) => [node.name, await ask(node)] as const)));
}

/** The processes of these nodes, and their namespaces where these outlive them. */
export async function recordSites(world: World, request: FaultRequest): Promise<UndoData> {
  const { namespace } = world.cluster.driver;
  const recorded = await recordNodes(world, request);
  if (namespace === undefined) return recorded;
  const networks = await Promise.all(request.nodes.map(async (node) => [node.name, await namespace.of(node)] as const));
  return { ...recorded, networks: Object.fromEntries(networks) };
}

export function recordedSites(world: World, data: UndoData): readonly PacketSite[] {
  const { networks = {} } = data;
  if (!isRecord(networks)) throw unreadable('networks');
  return recordedNodes(world, data).map((node) => ({ ...node, network: textOrNull(networks[node.spec.name]) }));
}

function textOrNull(json: Json | undefined): string | null {
  if (json === undefined || json === null) return null;
  if (typeof json !== 'string') throw unreadable('networks');
  return json;
}

/** Whether the rules can still be there: the namespace that got them is. */
export function holdsRules(world: World, site: PacketSite): Promise<boolean> {
  const { namespace } = world.cluster.driver;
  return namespace === undefined || site.network === null ? isStill(world, site) : namespace.exists(site.network);
}

/** Whether the node is behind the rules: one that was started in another namespace is not. */
export async function isBehind(world: World, site: PacketSite): Promise<boolean> {
  const { namespace } = world.cluster.driver;
  if (namespace === undefined || site.network === null) return isStill(world, site);
  return (await namespace.of(site.spec)) === site.network;
}

/** Rules in a network that two nodes share would hit both. */
export async function sharedNetwork(
  fault: string,
  { driver, binding }: Pick<Cluster, 'driver' | 'binding'>,
): Promise<Bilingual | null> {
  const { namespace } = driver;
  if (namespace === undefined) return null;
  const networks = new Map<string, NodeSpec>();
  for (const node of binding.nodes) {
    const network = await namespace.of(node);
    const other = network === null ? undefined : networks.get(network);
    if (other !== undefined) {
      return bi(
        `${fault} cannot be done: ${other.name} and ${node.name} are in the same network namespace`,
        `无法执行 ${fault}：${other.name} 与 ${node.name} 处于同一个网络命名空间`,
      );
    }
    if (network !== null) networks.set(network, node);
  }
  return null;
}
