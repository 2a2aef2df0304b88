/** The undo data of faults on a node's links: which proxies, and which toxics of ours they were to get. */
import { basename } from 'node:path';
import type { NodeSpec, PeerLink } from '../core/drill.js';
import { WorldError } from '../core/errors.js';
import { type FaultParam, type FaultRequest, isRecord, type Json, type UndoData, type World } from '../core/fault.js';
import { bi } from '../core/text.js';
import { unreadable } from './node-record.js';

export interface RecordedLink extends PeerLink {
  readonly node: string;
  readonly kind: 'client' | 'peer';
  readonly api: string;
}

const TOXIC_TYPES = ['latency', 'bandwidth', 'reset_peer', 'slow_close'] as const;
export type ToxicType = (typeof TOXIC_TYPES)[number];

/** `upstream` = towards the node. */
export interface RecordedToxic {
  readonly name: string;
  readonly type: ToxicType;
  readonly stream: 'upstream' | 'downstream';
  readonly attributes: Readonly<Record<string, number>>;
}

export interface ToxicRecord {
  readonly links: readonly RecordedLink[];
  readonly toxics: readonly RecordedToxic[];
}

const LINKS = ['client', 'peer', 'both'] as const;
const DIRECTIONS = ['down', 'up', 'both'] as const;

export const LINK_PARAMS: readonly FaultParam[] = [
  {
    name: 'link',
    type: 'string',
    required: false,
    choices: LINKS,
    description: bi(
      'whose connections to the node: those of clients (default), of the other nodes (of ZooKeeper: between leader and followers, not those of elections), or both',
      '到该节点的哪些连接：客户端的（默认）、其他节点的（ZooKeeper：主从节点之间的连接，不含选举连接），或两者',
    ),
  },
  {
    name: 'direction',
    type: 'string',
    required: false,
    choices: DIRECTIONS,
    description: bi(
      '`down`: what the node sends (default); `up`: what is sent to it; or both',
      '`down`：节点发出的数据（默认）；`up`：发往节点的数据；或两者',
    ),
  },
];

/** The links that a request is about; a node without proxies has none. */
export function linksOf({ nodes, params }: Pick<FaultRequest, 'nodes' | 'params'>): readonly RecordedLink[] {
  const { link = 'client' } = params;
  const kinds = (['client', 'peer'] as const).filter((kind) => link === kind || link === 'both');
  return nodes.flatMap(({ name: node, links }) =>
    links === undefined
      ? []
      : kinds.flatMap((kind) =>
          (kind === 'client' ? [links.client] : links.peers).map((one) => ({ node, kind, api: links.api, ...one })),
        ),
  );
}

/** On a link on which the node goes to another what is sent to it comes down. */
export function onLink({ outward }: RecordedLink, toxic: RecordedToxic): RecordedToxic {
  if (outward !== true) return toxic;
  const stream = toxic.stream === 'upstream' ? 'downstream' : 'upstream';
  // One link may be that of two nodes, each with a toxic of its own direction.
  return { ...toxic, stream, name: `${toxic.name.slice(0, -toxic.stream.length)}${stream}` };
}

export const withoutLinks = (nodes: readonly NodeSpec[]): readonly NodeSpec[] =>
  nodes.filter(({ links }) => links === undefined);

/** One toxic per direction. The name carries the run, the step and the fault: it is our mark, and the only one removed. */
export function toxicsOf(
  { fault, type, attributes }: { readonly fault: string } & Pick<RecordedToxic, 'type' | 'attributes'>,
  { step, params }: Pick<FaultRequest, 'step' | 'params'>,
  world: Pick<World, 'stateDir'>,
): readonly RecordedToxic[] {
  const { direction = 'down' } = params;
  const mark = ['firedrill', basename(world.stateDir), step, fault].join('-').replaceAll(/[^\w.-]/g, '_');
  return (['upstream', 'downstream'] as const)
    .filter((stream) => direction === 'both' || `${direction}stream` === stream)
    .map((stream) => ({ name: `${mark}-${stream}`, type, stream, attributes }));
}

export const asUndoData = ({ links, toxics }: ToxicRecord): UndoData => ({
  links: links.map((link) => ({ ...link })),
  toxics: toxics.map((toxic) => ({ ...toxic })),
});

export function recordedToxics(data: UndoData): ToxicRecord {
  const { links, toxics } = data;
  if (!Array.isArray(links) || !Array.isArray(toxics)) throw unreadable('links, toxics');
  return { links: links.map(linkOf), toxics: toxics.map(toxicOf) };
}

function linkOf(json: Json): RecordedLink {
  if (!isRecord(json)) throw unreadable('links');
  const text = (key: string): string => textIn(json, key);
  const kind = json.kind === 'peer' ? 'peer' : 'client';
  if (json.kind !== kind) throw unreadable('kind');
  const [node, api, proxy] = [text('node'), text('api'), text('proxy')];
  const link = { node, kind, api, proxy, listen: text('listen'), upstream: text('upstream') } as const;
  return json.outward === true ? { ...link, outward: true } : link;
}

function toxicOf(json: Json): RecordedToxic {
  if (!isRecord(json) || !isRecord(json.attributes)) throw unreadable('toxics');
  const stream = json.stream === 'upstream' ? 'upstream' : 'downstream';
  if (json.stream !== stream) throw unreadable('stream');
  const attributes = Object.entries(json.attributes).map(([key, value]) => {
    if (typeof value !== 'number') throw unreadable(key);
    return [key, value] as const;
  });
  const type = TOXIC_TYPES.find((known) => known === json.type);
  if (type === undefined) throw unreadable('type');
  return { name: textIn(json, 'name'), type, stream, attributes: Object.fromEntries(attributes) };
}

function textIn(json: { readonly [key: string]: Json }, key: string): string {
  const value = json[key];
  if (typeof value !== 'string') throw unreadable(key);
  return value;
}

export const linkName = ({ node, kind }: Pick<RecordedLink, 'node' | 'kind'>): string => `${node}/${kind}`;

export const noNodes = (step: string): WorldError =>
  new WorldError({
    code: 'no-target',
    message: bi(
      `step ${step} matched no node, so there is nothing to break`,
      `步骤 ${step} 没有匹配到任何节点，无从注入故障`,
    ),
  });
