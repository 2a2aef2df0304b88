import { randomUUID } from 'node:crypto';
import { pollUntil } from '../core/clock.js';
import type { Confirmation, Fault, RevertResult, UndoData, World } from '../core/fault.js';
import { majorityOf } from '../core/members.js';
import type { Entry } from '../core/registry.js';
import { type Bilingual, bi } from '../core/text.js';
import { askOn, deleteEntries } from './entry-changes.js';
import { readNodes } from './entry-look.js';
import { type Flood, startFlood, stopFlood } from './flood.js';
import { unreadable } from './node-record.js';
import { type NumberSpec, numberOf, numberParam, refusing } from './param.js';

const RATE: NumberSpec = {
  name: 'rate',
  least: 1,
  most: 2_000,
  usual: 200,
  en: 'registrations a second',
  zh: '每秒注册次数',
};
const COUNT: NumberSpec = {
  name: 'count',
  least: 1,
  most: 20_000,
  usual: 1_000,
  whole: true,
  en: 'registrations in all, after which it ends by itself',
  zh: '注册总数，达到后自行结束',
};
/** The flood is on once this many of its registrations are seen. */
const SEEN = 20;
const APPLIED_WITHIN_MS = 5_000;

/** Everybody registers at once, as after a network cut or a deployment gone wrong. */
export const registryFlood: Fault = {
  name: 'registry.flood',
  title: bi('Flood of registrations', '注册风暴'),
  description: bi(
    'Registers instances of one service of its own at a high rate, beside the drill; it ends by itself after `count`.',
    '在演练的同时高速注册一个专用服务的实例；达到 `count` 后自行结束。',
  ),
  scope: 'data',
  removesVoter: false,
  params: [numberParam(RATE), numberParam(COUNT)],
  liftedBy: [],
  undoText: bi('end the flood and deregister what it registered', '结束风暴并注销其注册的实例'),
  missing: refusing((params) => [numberOf(params, RATE), numberOf(params, COUNT)]),
  prepare: async (_, { params }) => ({
    service: `firedrill-flood-${randomUUID().slice(0, 8)}`,
    rate: numberOf(params, RATE),
    count: numberOf(params, COUNT),
  }),
  inject: (world, data) => startFlood(world, floodOf(data)),
  confirm,
  revert,
  residue,
};

function floodOf({ service, rate, count }: UndoData): Flood {
  if (typeof service !== 'string' || typeof rate !== 'number' || typeof count !== 'number') {
    throw unreadable('service, rate, count');
  }
  return { service, rate, count };
}

/** Per node: how many of its registrations are in the node's own copy; null = not readable. */
async function heldOf(world: World, { service }: Flood): Promise<readonly (number | null)[]> {
  const nodes = await readNodes(world);
  return nodes.map(({ held }) =>
    held === null ? null : [...held.values()].filter((entry) => entry.service === service).length,
  );
}

async function confirm(world: World, data: UndoData): Promise<Confirmation> {
  const flood = floodOf(data);
  const held = await heldOf(world, flood);
  const observedMs = world.clock.monotonicMs();
  const wanted = Math.min(SEEN, flood.count);
  const flooded = held.filter((count) => count !== null && count >= wanted).length;
  const unread = held.filter((count) => count === null).length;
  const needed = majorityOf(held.length);
  const seen = held.map((count) => count ?? '?').join(', ');
  const possible = flooded + unread >= needed ? null : false;
  return {
    bitten: flooded >= needed ? true : possible,
    observedMs,
    detail: bi(`registrations of the flood on the nodes: ${seen}`, `各节点上风暴注册的实例数：${seen}`),
  };
}

async function revert(world: World, data: UndoData): Promise<RevertResult> {
  const flood = floodOf(data);
  if (!(await stopFlood(world, flood))) {
    return { reverted: false, detail: bi('the flood did not end when told', '风暴未按要求结束') };
  }
  const left = await listed(world, flood);
  if ('reason' in left) {
    return { reverted: false, detail: bi(`no node lists the flood: ${left.reason}`, `没有节点能列出：${left.reason}`) };
  }
  const { entries } = left;
  if (entries.length > 0) await deleteEntries(world, entries);
  // A follower applies a delete a moment after it was acknowledged.
  const { value: still } = await pollUntil(
    () => residue(world, data),
    (seen) => seen.length === 0,
    { clock: world.clock, withinMs: APPLIED_WITHIN_MS, everyMs: 20 },
  );
  const [first] = still;
  if (first !== undefined) return { reverted: false, detail: first };
  const detail = bi(`removed ${entries.length} registrations of the flood`, `已移除风暴的 ${entries.length} 个注册`);
  return { reverted: true, nothingToDo: entries.length === 0, detail };
}

async function listed(
  world: World,
  { service }: Flood,
): Promise<{ readonly entries: readonly Entry[] } | { readonly reason: string }> {
  const answer = await askOn(world, (client, options) => client.discover(service, options));
  return answer.outcome === 'ok' ? { entries: answer.value } : { reason: answer.reason };
}

async function residue(world: World, data: UndoData): Promise<readonly Bilingual[]> {
  const flood = floodOf(data);
  const held = await heldOf(world, flood);
  if (held.every((count) => count === null)) {
    return [bi('no node could be read: the flood may still be there', '没有可读的节点，风暴的注册可能仍在')];
  }
  const most = Math.max(...held.map((count) => count ?? 0));
  return most === 0
    ? []
    : [bi(`${most} registrations of ${flood.service} are left`, `仍有 ${flood.service} 的 ${most} 个注册`)];
}
