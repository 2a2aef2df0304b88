/** The room that etcd has, asked and given back in one place for the fault and its undo. */
import { WorldError } from '../core/errors.js';
import type { UndoData, World } from '../core/fault.js';
import { askInTurn, askPatiently } from '../core/members.js';
import type { Answer, CallOptions } from '../core/registry.js';
import type { SpaceAbility } from '../core/registry-abilities.js';
import type { Cluster } from '../core/target.js';
import { type Bilingual, bi } from '../core/text.js';
import { unreadable } from './node-record.js';

export const MIB = 1024 * 1024;
const CALL_LIMIT_MS = 5_000;
/** Deleting and compacting what fills a whole quota takes its time. */
export const FORGET_LIMIT_MS = 20_000;

export async function whyNot({ registry }: Cluster, atMostMiB: number): Promise<Bilingual | null> {
  const { space, product, nodes } = registry;
  if (space === undefined) {
    return bi(`${product} has no space quota; this fault needs etcd`, `${product} 没有存储配额；此故障需要 etcd`);
  }
  for (const node of nodes) {
    const [use, alarms] = await Promise.all([
      space.use(node, { limitMs: CALL_LIMIT_MS }),
      space.exhausted(node, { limitMs: CALL_LIMIT_MS }),
    ]);
    if (use.outcome !== 'ok') return notTold(node, use.reason);
    if (alarms.outcome !== 'ok') return notTold(node, alarms.reason);
    if (alarms.value.length > 0) return bi(`${node} has no space already`, `${node} 的配额此前已耗尽`);
    const roomMiB = Math.ceil((use.value.quotaBytes - use.value.usedBytes) / MIB);
    if (roomMiB > atMostMiB) return tooMuchRoom(node, roomMiB, atMostMiB);
  }
  return null;
}

export const notTold = (node: string, reason: string): Bilingual =>
  bi(`${node} does not tell its space: ${reason}`, `${node} 未告知其空间用量：${reason}`);

const tooMuchRoom = (node: string, roomMiB: number, atMostMiB: number): Bilingual =>
  bi(
    `${node} has room for ${roomMiB} MiB, and at most ${atMostMiB} MiB may be written: start etcd with a smaller --quota-backend-bytes, or raise atMostMiB`,
    `${node} 还有 ${roomMiB} MiB 空间，而最多只允许写入 ${atMostMiB} MiB：请用更小的 --quota-backend-bytes 启动 etcd，或调大 atMostMiB`,
  );

export function spaceOf({ cluster }: World): SpaceAbility {
  const { space, product } = cluster.registry;
  if (space !== undefined) return space;
  throw new WorldError({
    code: 'ability-missing',
    message: bi(`${product} has no space quota`, `${product} 没有存储配额`),
  });
}

export interface Filling {
  readonly folder: string;
  readonly anchor: string;
  readonly atMostMiB: number;
}

export function fillingOf({ folder, anchor, atMostMiB }: UndoData): Filling {
  const texts = typeof folder === 'string' && typeof anchor === 'string';
  if (!texts || typeof atMostMiB !== 'number') throw unreadable('folder, anchor, atMostMiB');
  return { folder, anchor, atMostMiB };
}

export const inTurn = <T>(
  { cluster, clock, signal }: World,
  ask: (node: string, options: CallOptions) => Promise<Answer<T>>,
): Promise<Answer<T>> =>
  askInTurn(cluster.registry, (client, options) => ask(client.node, options), {
    clock,
    limitMs: CALL_LIMIT_MS * cluster.registry.nodes.length,
    ...(signal && { signal }),
  });

export const raised = (world: World): Promise<Answer<readonly string[]>> =>
  inTurn(world, (node, options) => spaceOf(world).exhausted(node, options));

export const patiently = <T>(
  { cluster, clock, signal }: World,
  ask: (node: string, options: CallOptions) => Promise<Answer<T>>,
): Promise<Answer<T>> =>
  askPatiently(cluster.registry, (client, options) => ask(client.node, options), {
    clock,
    limitMs: FORGET_LIMIT_MS,
    ...(signal && { signal }),
  });
