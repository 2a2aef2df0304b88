/** The undo data of a packet loss: in which nodes' networks, how much, and by which connections it is measured. */
import { WorldError } from '../core/errors.js';
import { type FaultRequest, isRecord, type Json, type UndoData, type World } from '../core/fault.js';
import { bi } from '../core/text.js';
import { DIRECTIONS, LINKS, type Loss } from './loss-rules.js';
import { unreadable } from './node-record.js';
import { markOf } from './packet-rules.js';
import {
  type Addresses,
  addressesOf,
  imageOf,
  type PacketRecord,
  type PacketSite,
  recordedSites,
  recordSites,
} from './packet-site.js';
import { type NumberSpec, numberOf, wordOf } from './param.js';
import { probeOf } from './partition-record.js';

/** Less needs thousands of packets to be proven; more leaves nothing to measure, and is a partition. */
export const PERCENT: NumberSpec = {
  name: 'percent',
  least: 5,
  most: 80,
  en: 'so many of a hundred packets are lost, each by chance',
  zh: '每一百个数据包中随机丢失的数量',
};

export const lossOf = (params: FaultRequest['params']): Loss => ({
  percent: numberOf(params, PERCENT),
  link: wordOf(params, 'link', LINKS),
  direction: wordOf(params, 'direction', DIRECTIONS),
});

/** Connections to a node with the rules. */
export interface LossProbe {
  /** The node from inside which they are tried; null = from here, as clients do. */
  readonly from: string | null;
  readonly address: string;
  readonly port: number;
  /** Through so many lossy places does a packet and its answer go. */
  readonly crossings: number;
}

export interface LossSite extends PacketSite {
  readonly peers: readonly string[];
  readonly probes: readonly LossProbe[];
}

export interface LossRecord extends PacketRecord, Loss {
  readonly sites: readonly LossSite[];
}

export async function recordLoss(world: World, request: FaultRequest): Promise<UndoData> {
  const loss = lossOf(request.params);
  const [recorded, addresses] = await Promise.all([recordSites(world, request), addressesOf(world)]);
  const sites = request.nodes.map(({ name }) => ({
    node: name,
    peers: peersOf(name, addresses),
    probes: probesTo(name, { world, request, loss, addresses }).map((probe) => ({ ...probe })),
  }));
  return { ...recorded, ...loss, image: imageOf(world.cluster), mark: markOf(world, request), sites };
}

const peersOf = (node: string, addresses: Addresses): readonly string[] =>
  [...addresses].flatMap(([name, on]) => (name === node ? [] : on.flatMap(({ address }) => address ?? [])));

interface Asked {
  readonly world: Pick<World, 'cluster'>;
  readonly request: Pick<FaultRequest, 'nodes'>;
  readonly loss: Loss;
  readonly addresses: Addresses;
}

function probesTo(node: string, { world, request, loss, addresses }: Asked): readonly LossProbe[] {
  const { nodes } = world.cluster.binding;
  const ways = loss.direction === 'both' ? 2 : 1;
  const hit = (name: string): boolean => request.nodes.some((one) => one.name === name);
  const others = nodes.filter(({ name }) => name !== node);
  const [first] = others;
  if (first === undefined) throw alone(node);
  const fromPeers = others.map(({ name }): LossProbe => {
    const { address, port } = probeOf(name, node, { addresses, nodes });
    return { from: name, address, port, crossings: hit(name) ? 2 * ways : ways };
  });
  const { address, port } = probeOf(first.name, node, { addresses, nodes });
  return [
    ...(loss.link === 'client' ? [] : fromPeers),
    ...(loss.link === 'peer' ? [] : [{ from: null, address, port, crossings: ways }]),
  ];
}

/** From here to each of the nodes, as a client would without what publishes its port. */
export async function directTo(
  world: Pick<World, 'cluster'>,
  request: Pick<FaultRequest, 'nodes' | 'params'>,
): Promise<readonly LossProbe[]> {
  const asked = { world, request, loss: lossOf(request.params), addresses: await addressesOf(world) };
  return request.nodes.flatMap(({ name }) => probesTo(name, asked)).filter(({ from }) => from === null);
}

export function recordedLoss(world: World, data: UndoData): LossRecord {
  const { image, mark, sites, percent } = data;
  const link = LINKS.find((each) => each === data.link);
  const direction = DIRECTIONS.find((each) => each === data.direction);
  if (typeof image !== 'string' || typeof mark !== 'string' || typeof percent !== 'number') {
    throw unreadable('image, mark, percent');
  }
  if (link === undefined || direction === undefined || !Array.isArray(sites))
    throw unreadable('link, direction, sites');
  const nodes = recordedSites(world, data);
  return { image, mark, percent, link, direction, sites: sites.map((site: Json) => siteOf(site, nodes)) };
}

function siteOf(json: Json, nodes: readonly PacketSite[]): LossSite {
  if (!isRecord(json) || !Array.isArray(json.peers) || !Array.isArray(json.probes)) throw unreadable('sites');
  const node = nodes.find(({ spec }) => spec.name === json.node);
  if (node === undefined) throw unreadable(`node ${JSON.stringify(json.node)}`);
  return { ...node, peers: json.peers.map(String), probes: json.probes.map(probeIn) };
}

function probeIn(json: Json): LossProbe {
  if (!isRecord(json)) throw unreadable('probes');
  const { from, address, port, crossings } = json;
  if (typeof address !== 'string' || typeof port !== 'number' || typeof crossings !== 'number') {
    throw unreadable('probes');
  }
  if (from !== null && typeof from !== 'string') throw unreadable('from');
  return { from, address, port, crossings };
}

const alone = (node: string): WorldError =>
  new WorldError({
    code: 'fault-impossible',
    message: bi(`${node} has no other node beside it`, `${node} 之外没有其他节点`),
  });
