/** Which node cannot reach which: a pure function of the nodes chosen and the settings. Nothing here touches the world. */
import type { PlannedHit } from '../core/fault.js';
import { majorityOf } from '../core/members.js';
import { type Bilingual, bi } from '../core/text.js';

export const SHAPES = ['leader', 'minority', 'majority', 'site', 'ring', 'bridge'] as const;
export type ShapeName = (typeof SHAPES)[number];
export const DIRECTIONS = ['both', 'in', 'out'] as const;

/** Packets from one node to the other are lost. */
export interface Cut {
  readonly from: string;
  readonly to: string;
}

export type Cuts =
  | { readonly fits: true; readonly cuts: readonly Cut[] }
  | { readonly fits: false; readonly why: Bilingual };

type Hit = Pick<PlannedHit, 'nodes' | 'params' | 'all'>;

export function cutsOf(hit: Hit): Cuts {
  const { params } = hit;
  const { shape, groups, direction = 'both' } = params;
  const known = SHAPES.find((name) => name === shape);
  if (typeof groups === 'string' && shape === undefined) return oneWayMisfit(direction) ?? inGroups(hit, groups);
  if (known === undefined || groups !== undefined) {
    return unfit('give either “shape” or “groups”', '“shape”与“groups”须且只能给出一个');
  }
  const why = misfit(known, hit);
  if (why !== null) return { fits: false, why };
  switch (known) {
    case 'leader':
    case 'minority':
    case 'site':
      return fitting(between(hit.nodes, rest(hit), direction));
    case 'majority':
      return oneWayMisfit(direction) ?? apart([...hit.nodes.map((node) => [node]), rest(hit)]);
    case 'ring':
      return oneWayMisfit(direction) ?? fitting(ring(hit.all));
    case 'bridge':
      return oneWayMisfit(direction) ?? apart(halves(rest(hit)));
  }
}

const fitting = (cuts: readonly Cut[]): Cuts => ({ fits: true, cuts });
const unfit = (en: string, zh: string): Cuts => ({
  fits: false,
  why: bi(`network.partition: ${en}`, `network.partition：${zh}`),
});
const rest = ({ nodes, all }: Hit): readonly string[] => all.filter((node) => !nodes.includes(node));

interface Demand {
  readonly met: (chosen: number, count: number) => boolean;
  readonly text: Bilingual;
}

const DEMANDS: Readonly<Record<ShapeName, Demand>> = {
  leader: {
    met: (chosen, count) => chosen === 1 && count > 1,
    text: bi('“on” must choose the leader alone', '“on”须只选中主节点'),
  },
  minority: {
    met: (chosen, count) => chosen > 0 && chosen * 2 < count,
    text: bi('“on” must choose fewer than half of the nodes', '“on”须选中少于半数的节点'),
  },
  majority: {
    met: (chosen, count) => chosen * 2 > count && count > 1,
    text: bi('“on” must choose more than half of the nodes', '“on”须选中超过半数的节点'),
  },
  site: {
    met: (chosen, count) => chosen > 0 && chosen < count,
    text: bi('“on” must choose some of the nodes, not all', '“on”须选中部分而非全部节点'),
  },
  ring: {
    met: (chosen, count) => chosen === count && count > 3,
    text: bi(
      '“on” must choose all of at least four nodes (of three, each is beside both others: take “bridge”)',
      '“on”须选中全部节点，且至少四个（三个节点时两两相邻：请改用“bridge”）',
    ),
  },
  bridge: {
    met: (chosen, count) => chosen === 1 && count > 2,
    text: bi('“on” must choose the one node that still reaches all others', '“on”须选中唯一仍与所有节点连通的节点'),
  },
};

function misfit(shape: ShapeName, { nodes, all }: Hit): Bilingual | null {
  const [chosen, count] = [nodes.length, all.length];
  const { met, text } = DEMANDS[shape];
  if (met(chosen, count)) return null;
  return bi(
    `network.partition, shape ${shape}: ${text.en}; ${chosen} of ${count} nodes are chosen`,
    `network.partition，形状 ${shape}：${text.zh}；当前选中 ${count} 个节点中的 ${chosen} 个`,
  );
}

const oneWayMisfit = (direction: unknown): Cuts | null =>
  direction === 'both'
    ? null
    : unfit(
        'one way (in, out) only with the shapes leader, minority and site',
        '单向（in、out）仅适用于形状 leader、minority、site',
      );

/** `in` = the first hear nothing from the others; `out` = the others hear nothing from the first. */
function between(near: readonly string[], far: readonly string[], direction: unknown): readonly Cut[] {
  return near.flatMap((a) =>
    far.flatMap((b) => [
      ...(direction === 'in' ? [] : [{ from: a, to: b }]),
      ...(direction === 'out' ? [] : [{ from: b, to: a }]),
    ]),
  );
}

function apart(groups: readonly (readonly string[])[]): Cuts {
  return fitting(
    groups.flatMap((group, index) => groups.slice(index + 1).flatMap((other) => between(group, other, 'both'))),
  );
}

const halves = (nodes: readonly string[]): readonly (readonly string[])[] => {
  const middle = Math.ceil(nodes.length / 2);
  return [nodes.slice(0, middle), nodes.slice(middle)];
};

/** In the order of the target, the last beside the first. */
function ring(all: readonly string[]): readonly Cut[] {
  const last = all.length - 1;
  return all.flatMap((a, i) =>
    all.flatMap((b, j) => (j > i + 1 && !(i === 0 && j === last) ? between([a], [b], 'both') : [])),
  );
}

/** `n1|n2,n3`: all others are the last group. */
function inGroups({ nodes, all }: Hit, text: string): Cuts {
  const groups = text.split('|').map((group) => group.split(',').map((name) => name.trim()));
  const named = groups.flat();
  const strange = named.filter((name, index) => !all.includes(name) || named.indexOf(name) !== index);
  if (strange.length > 0) {
    const names = strange.map((name) => (name === '' ? '“”' : name)).join(', ');
    return unfit(
      `groups names ${names}, which is no node of the target, or is there twice`,
      `groups 中的 ${names} 不是目标的节点，或重复出现`,
    );
  }
  if (named.length !== nodes.length || nodes.some((name) => !named.includes(name))) {
    return unfit(
      `“on” must choose exactly the nodes that groups names (${named.join(', ')}); all others are the last group`,
      `“on”须恰好选中 groups 中写出的节点（${named.join('、')}）；其余节点为最后一组`,
    );
  }
  const others = all.filter((name) => !named.includes(name));
  const result = apart(others.length === 0 ? groups : [...groups, others]);
  return result.fits && result.cuts.length === 0
    ? unfit('groups separates nothing', 'groups 没有分隔任何节点')
    : result;
}

/** Voters that no majority can count on: none of their neighbours, nor they themselves, reaches one both ways. */
export function votersLostBy(cuts: readonly Cut[], voters: readonly string[]): readonly string[] {
  const cut = new Set(cuts.flatMap(({ from, to }) => [`${from} ${to}`, `${to} ${from}`]));
  const reached = (node: string): readonly string[] => voters.filter((other) => !cut.has(`${node} ${other}`));
  const leaders = voters.filter((node) => reached(node).length >= majorityOf(voters.length));
  return voters.filter((node) => !reached(node).some((other) => leaders.includes(other)));
}

/** `n1 ⇎ n2, n3`; one way `n1 ↛ n2`. */
export function cutsText(cuts: readonly Cut[]): Bilingual {
  const has = (from: string, to: string): boolean => cuts.some((cut) => cut.from === from && cut.to === to);
  const rows = new Map<string, readonly string[]>();
  for (const { from, to } of cuts) {
    const mutual = has(to, from);
    if (mutual && rows.get(`${to} ⇎`)?.includes(from) === true) continue;
    const key = `${from} ${mutual ? '⇎' : '↛'}`;
    rows.set(key, [...(rows.get(key) ?? []), to]);
  }
  const all = [...rows].map(([key, to]) => `${key} ${to.join(', ')}`).join('; ');
  return bi(`no packets ${all}`, `数据包不通 ${all}`);
}
