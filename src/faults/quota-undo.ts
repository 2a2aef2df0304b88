/** Giving etcd its room back: release the fillers, compact, defragment each member, disarm the alarm, in this order. */
import type { RevertResult, UndoData, World } from '../core/fault.js';
import { type Bilingual, bi } from '../core/text.js';
import { FORGET_LIMIT_MS, fillingOf, inTurn, notTold, patiently, raised, spaceOf } from './quota-room.js';

export async function revert(world: World, data: UndoData): Promise<RevertResult> {
  const { folder, anchor } = fillingOf(data);
  const space = spaceOf(world);
  const found = await leftovers(world, folder);
  // Also when there is nothing to see: a write of the runner that was killed may still be under way.
  const released = await patiently(world, (node, options) => space.release(node, anchor, options));
  if (released.outcome !== 'ok') return failed('release the fillers', released.reason);
  if (found.length === 0 && !released.value.existed) {
    return { reverted: true, nothingToDo: true, detail: bi('no filler and no alarm', '没有填充键，也没有告警') };
  }
  const forgotten = await patiently(world, (node, options) => space.forget(node, folder, options));
  if (forgotten.outcome !== 'ok') return failed('delete and compact', forgotten.reason);
  for (const node of world.cluster.registry.nodes) {
    const shrunk = await space.shrink(node, { limitMs: FORGET_LIMIT_MS });
    if (shrunk.outcome !== 'ok') return failed(`defragment ${node}`, shrunk.reason);
  }
  const disarmed = await patiently(world, (node, options) => space.disarm(node, options));
  if (disarmed.outcome !== 'ok') return failed('disarm', disarmed.reason);
  const left = await leftovers(world, folder);
  const [first] = left;
  if (first !== undefined) return { reverted: false, detail: first };
  return {
    reverted: true,
    nothingToDo: false,
    detail: bi(
      'the filler is gone and the alarm off; differs from before: the history was compacted, the databases defragmented',
      '填充键已删除，告警已解除；与之前不同：历史已压缩，数据库已整理碎片',
    ),
  };
}

const failed = (what: string, reason: string): RevertResult => ({
  reverted: false,
  detail: bi(`${what} failed: ${reason}`, `${what} 失败：${reason}`),
});

export const residue = (world: World, data: UndoData): Promise<readonly Bilingual[]> =>
  leftovers(world, fillingOf(data).folder);

async function leftovers(world: World, folder: string): Promise<readonly Bilingual[]> {
  const space = spaceOf(world);
  const [alarms, fillers] = await Promise.all([
    raised(world),
    inTurn(world, (node, options) => space.fillers(node, folder, options)),
  ]);
  if (alarms.outcome !== 'ok') return [notTold('etcd', alarms.reason)];
  if (fillers.outcome !== 'ok') return [notTold('etcd', fillers.reason)];
  const count = fillers.value;
  const members = alarms.value.length;
  return [
    ...(members > 0 ? [bi(`${members} members have the NOSPACE alarm`, `${members} 个成员仍有 NOSPACE 告警`)] : []),
    ...(count > 0 ? [bi(`${count} filler keys are left`, `仍有 ${count} 个填充键`)] : []),
  ];
}
