/** The undo data of a partition: in which nodes' network namespaces which rules are, and what they must cut. */
import type { NodeSpec } from '../core/drill.js';
import { WorldError } from '../core/errors.js';
import { type FaultRequest, isRecord, type Json, type UndoData, type World } from '../core/fault.js';
import { type Bilingual, bi } from '../core/text.js';
import { type Address, addressOf } from './connects.js';
import { unreadable } from './node-record.js';
import { markOf } from './packet-rules.js';
import {
  type Addresses,
  addressesOf,
  type PacketRecord,
  type PacketSite,
  recordedSites,
  recordSites,
} from './packet-site.js';
import { ACTIONS, type Action, type Rule } from './partition-rules.js';
import type { Cut } from './partition-shape.js';

/** A connection that must fail: from the node with the rules to the other one. */
export interface Probe {
  readonly to: string;
  readonly address: string;
  readonly port: number;
}

export interface Site extends PacketSite {
  readonly rules: readonly Rule[];
  readonly probes: readonly Probe[];
}

export interface PartitionRecord extends PacketRecord {
  readonly action: Action;
  readonly sites: readonly Site[];
}

/** Reads the addresses and the processes of the nodes; changes nothing. */
export async function recordPartition(
  world: World,
  request: FaultRequest,
  asked: { readonly cuts: readonly Cut[]; readonly image: string; readonly action: Action },
): Promise<UndoData> {
  const { nodes } = world.cluster.binding;
  const hosts = hostsOf(
    asked.cuts,
    request.nodes.map(({ name }) => name),
  );
  const hosting = nodes.filter(({ name }) => hosts.has(name));
  const [recorded, addresses] = await Promise.all([
    recordSites(world, { ...request, nodes: hosting }),
    addressesOf(world),
  ]);
  const sites = [...hosts].map(([host, cuts]) => {
    const others = [...new Set(cuts.map(({ from, to }) => (from === host ? to : from)))];
    return {
      node: host,
      rules: cuts.flatMap((cut) => rulesFor(host, cut, addresses)).map((rule) => ({ ...rule })),
      probes: others.map((other) => ({ ...probeOf(host, other, { addresses, nodes }) })),
    };
  });
  const { image, action } = asked;
  return { ...recorded, image, action, mark: markOf(world, request), sites };
}

/** As few nodes as will do, so that few helpers are needed: the one with most cuts takes all of its own. Chosen ones first. */
export function hostsOf(cuts: readonly Cut[], chosen: readonly string[]): ReadonlyMap<string, readonly Cut[]> {
  const hosts = new Map<string, readonly Cut[]>();
  let left = cuts;
  while (left.length > 0) {
    const weight = new Map<string, number>();
    for (const name of left.flatMap(({ from, to }) => [from, to])) weight.set(name, (weight.get(name) ?? 0) + 1);
    const [host] = [...weight].toSorted(
      ([a, many], [b, few]) => few - many || Number(chosen.includes(b)) - Number(chosen.includes(a)),
    )[0] ?? [''];
    const isIts = ({ from, to }: Cut): boolean => from === host || to === host;
    hosts.set(host, left.filter(isIts));
    left = left.filter((cut) => !isIts(cut));
  }
  return hosts;
}

function rulesFor(host: string, { from, to }: Cut, addresses: Addresses): readonly Rule[] {
  const other = from === host ? to : from;
  const chain = from === host ? 'OUTPUT' : 'INPUT';
  return (addresses.get(other) ?? []).flatMap(({ address }) => (address === null ? [] : [{ chain, address } as const]));
}

/** From inside the first node, to the second. */
export function probeOf(
  host: string,
  other: string,
  { addresses, nodes }: { readonly addresses: Addresses; readonly nodes: readonly NodeSpec[] },
): Probe {
  const near = new Set((addresses.get(host) ?? []).map(({ networkId }) => networkId));
  const used = peerAddressOf(nodes.find(({ name }) => name === other));
  const common = (addresses.get(other) ?? []).filter(
    ({ networkId, address }) => near.has(networkId) && address !== null,
  );
  const shared = common.find(({ address }) => address === used?.host) ?? common[0];
  if (shared?.address === undefined || shared.address === null || used === null) throw noWay(host, other);
  return { to: other, address: shared.address, port: used.port };
}

/** Null = not given. */
const peerAddressOf = (node: Pick<NodeSpec, 'peerUrl'> | undefined): Address | null =>
  node?.peerUrl === undefined ? null : addressOf(node.peerUrl);

const noWay = (a: string, b: string): WorldError =>
  new WorldError({
    code: 'no-common-network',
    message: bi(`${a} and ${b} are on no common network`, `${a} 与 ${b} 不在同一个网络中`),
    hint: bi('`docker inspect` shows the networks of a container.', '`docker inspect` 可查看容器所在的网络。'),
  });

export const needsPeerPort = (fault: string, nodes: readonly NodeSpec[]): Bilingual | null => {
  const without = nodes.filter((node) => peerAddressOf(node) === null).map(({ name }) => name);
  if (without.length === 0) return null;
  const names = without.join(', ');
  return bi(
    `${fault} cannot be proven: add “peerUrl”, under which the other nodes reach it, to ${names} in the drill’s target`,
    `无法证明 ${fault} 生效：请在演练 target 的 ${names} 上补充“peerUrl”（其他节点访问它的地址）`,
  );
};

export function recordedPartition(world: World, data: UndoData): PartitionRecord {
  const { image, mark, sites } = data;
  const action = ACTIONS.find((each) => each === data.action);
  if (typeof image !== 'string' || typeof mark !== 'string' || action === undefined || !Array.isArray(sites)) {
    throw unreadable('image, mark, action, sites');
  }
  const nodes = recordedSites(world, data);
  return { image, mark, action, sites: sites.map((site: Json) => siteOf(site, nodes)) };
}

function siteOf(json: Json, nodes: readonly PacketSite[]): Site {
  if (!isRecord(json) || !Array.isArray(json.rules) || !Array.isArray(json.probes)) throw unreadable('sites');
  const node = nodes.find(({ spec }) => spec.name === json.node);
  if (node === undefined) throw unreadable(`node ${JSON.stringify(json.node)}`);
  return { ...node, rules: json.rules.map(ruleOf), probes: json.probes.map(probeIn) };
}

function ruleOf(json: Json): Rule {
  if (!isRecord(json) || typeof json.address !== 'string') throw unreadable('rules');
  const chain = (['INPUT', 'OUTPUT'] as const).find((each) => each === json.chain);
  if (chain === undefined) throw unreadable('chain');
  return { chain, address: json.address };
}

function probeIn(json: Json): Probe {
  if (!isRecord(json)) throw unreadable('probes');
  const { to, address, port } = json;
  if (typeof to !== 'string' || typeof address !== 'string' || typeof port !== 'number') throw unreadable('probes');
  return { to, address, port };
}
