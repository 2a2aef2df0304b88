import { randomBytes, randomUUID } from 'node:crypto';
import { WorldError } from '../core/errors.js';
import type { Confirmation, Fault, UndoData, World } from '../core/fault.js';
import { majorityOf } from '../core/members.js';
import { bi } from '../core/text.js';
import { firstMissing, type NumberSpec, numberOf, numberParam, refusing } from './param.js';
import { fillingOf, inTurn, MIB, raised, spaceOf, whyNot } from './quota-room.js';
import { residue, revert } from './quota-undo.js';

const LOOK_LIMIT_MS = 5_000;
/** Longer than any drill; should nobody ever undo it, the fillers go by themselves. */
const ANCHOR_TTL_MS = 24 * 3_600_000;
const MOST: NumberSpec = {
  name: 'atMostMiB',
  least: 1,
  most: 4_096,
  usual: 256,
  en: 'the most that may be written to fill the quota, in MiB',
  zh: '为填满配额最多写入的 MiB 数',
};

/** The database has grown to its quota: nothing can be registered, while what is there is still served. */
export const quotaExhausted: Fault = {
  name: 'etcd.quota-exhausted',
  title: bi('Exhaust the space quota', '耗尽存储配额'),
  description: bi(
    'Fills etcd’s database with keys of its own until etcd raises its NOSPACE alarm: puts and new leases are refused, reads, deletes and renewals go on.',
    '用自有的键填满 etcd 数据库，直到触发 NOSPACE 告警：写入与新租约被拒绝，读取、删除与续约照常。',
  ),
  scope: 'data',
  removesVoter: false,
  params: [numberParam(MOST)],
  liftedBy: [],
  undoText: bi(
    'delete the filler keys, compact, defragment each member, disarm the alarm',
    '删除填充键，压缩历史，逐个成员整理碎片，解除告警',
  ),
  missing: firstMissing(
    refusing((params) => numberOf(params, MOST)),
    async (cluster, { params }) => whyNot(cluster, numberOf(params, MOST)),
  ),
  prepare: async (world, { params }) => {
    const atMostMiB = numberOf(params, MOST);
    const why = await whyNot(world.cluster, atMostMiB);
    if (why !== null) throw new WorldError({ code: 'quota-not-fillable', message: why });
    const folder = `firedrill-filler-${randomUUID().slice(0, 8)}/`;
    return { folder, anchor: randomBytes(6).readUIntBE(0, 6).toString(), atMostMiB };
  },
  inject,
  confirm,
  revert,
  residue,
};

/** One MiB after the other, until etcd itself says that there is no more room. */
async function inject(world: World, data: UndoData): Promise<void> {
  const { folder, anchor, atMostMiB } = fillingOf(data);
  const space = spaceOf(world);
  for (let n = 0; n <= atMostMiB; n += 1) {
    const alarms = await raised(world);
    if (alarms.outcome === 'ok' && alarms.value.length > 0) return;
    if (n === 0)
      await inTurn(world, (node, options) => space.anchor(node, { id: anchor, ttlMs: ANCHOR_TTL_MS }, options));
    const filler = { folder, anchor, name: String(n), bytes: MIB };
    await inTurn(world, (node, options) => space.fill(node, filler, options));
  }
  const alarms = await raised(world);
  if (alarms.outcome === 'ok' && alarms.value.length > 0) return;
  throw new WorldError({
    code: 'quota-not-exhausted',
    message: bi(`${atMostMiB} MiB were written and no alarm was raised`, `已写入 ${atMostMiB} MiB，仍未触发告警`),
  });
}

/** A majority of the members tells of the alarm. */
async function confirm(world: World, data: UndoData): Promise<Confirmation> {
  fillingOf(data);
  const { nodes } = world.cluster.registry;
  const told = await Promise.all(nodes.map((node) => spaceOf(world).exhausted(node, { limitMs: LOOK_LIMIT_MS })));
  const observedMs = world.clock.monotonicMs();
  const exhausted = told.filter((answer) => answer.outcome === 'ok' && answer.value.length > 0).length;
  const unread = told.filter((answer) => answer.outcome !== 'ok').length;
  const needed = majorityOf(nodes.length);
  const possible = exhausted + unread >= needed ? null : false;
  return {
    bitten: exhausted >= needed ? true : possible,
    observedMs,
    detail: bi(
      `${exhausted} of ${nodes.length} members tell of the NOSPACE alarm`,
      `${nodes.length} 个成员中有 ${exhausted} 个报告 NOSPACE 告警`,
    ),
  };
}
