/** Undoes a restore that was not committed: the old data goes back, the nodes run. */
import { pollUntil } from '../../core/clock.js';
import { describeError, WorldError } from '../../core/errors.js';
import type { RevertResult, Undoer, World } from '../../core/fault.js';
import { untilLabIsGone } from '../../core/lab-gone.js';
import { agreedLeader, readMembers } from '../../core/members.js';
import type { BackupRestore } from '../../core/services.js';
import { type Bilingual, bi } from '../../core/text.js';
import { asideNow, putBack, removeAside } from './data.js';
import { exchangeAll } from './exchange-all.js';
import { goneNodes, startAll, stopAll } from './nodes.js';
import { discoverAll } from './prepare.js';
import { close, type FullRecord, isClosed, recordOf, type ServiceRecord } from './record.js';

const LEADER_WITHIN_MS = 15_000;

export const commitRestore: BackupRestore['commit'] = async (world, undo) => {
  const record = recordOf(undo);
  await close(world, record, 'committed');
  if (record.kind === 'full') await removeAside(record);
};

export const restoreUndoer: Undoer = untilLabIsGone({
  name: 'restore',
  revert: async (world, data) => {
    const record = recordOf(data);
    try {
      if (await isClosed(world, record)) return await finishClosing(record);
      return record.kind === 'full' ? await revertFull(world, record) : await revertService(world, record);
    } catch (error) {
      if (!(error instanceof WorldError)) throw error;
      return { reverted: false, detail: describeError(error) };
    }
  },
  residue: async (world, data) => {
    const record = recordOf(data);
    try {
      return record.kind === 'full' ? await fullResidue(world, record) : await serviceResidue(world, record);
    } catch (error) {
      if (!(error instanceof WorldError)) throw error;
      // What cannot be looked at is not clean.
      return [describeError(error)];
    }
  },
});

/** A commit that was broken off while removing the old data is completed, never undone. */
async function finishClosing(record: FullRecord | ServiceRecord): Promise<RevertResult> {
  if (record.kind === 'full') await removeAside(record);
  const detail = bi('the restore was completed; the new data stays', '恢复已完成；保留新数据');
  return { reverted: true, nothingToDo: true, detail };
}

async function revertFull(world: World, record: FullRecord): Promise<RevertResult> {
  const aside = await asideNow(record);
  const gone = await goneNodes(world);
  if (aside.length === 0 && gone.length === 0) {
    const detail = bi('the nodes run on their old data', '各节点运行在原有数据上');
    return { reverted: true, nothingToDo: true, detail };
  }
  if (aside.length > 0) {
    await stopAll(world);
    await putBack(record);
  }
  await startAll(world);
  const { reached } = await pollUntil(
    () => readMembers(world.cluster.registry, { limitMs: 1_000 }),
    (views) => views.every(({ answer }) => answer.outcome === 'ok') && agreedLeader(views) !== null,
    { clock: world.clock, withinMs: LEADER_WITHIN_MS, everyMs: 50 },
  );
  const died = await goneNodes(world);
  if (died.length > 0) {
    const names = died.join(', ');
    return {
      reverted: false,
      detail: bi(`${names} ended after the start; see its log`, `${names} 启动后退出；请查看日志`),
    };
  }
  const data =
    aside.length > 0
      ? bi('the old data is back in place and all nodes run', '旧数据已放回，所有节点均在运行')
      : bi('all nodes run again on their old data', '所有节点已在原有数据上重新运行');
  const wait = reached ? bi('', '') : bi('; they have no leader yet', '；尚未选出主节点');
  return { reverted: true, nothingToDo: false, detail: bi(data.en + wait.en, data.zh + wait.zh) };
}

/** Takes back only what is still as the restore left it: later writes are not ours. */
async function revertService(world: World, record: ServiceRecord): Promise<RevertResult> {
  const names = record.services.join(', ');
  const now = record.changes.length === 0 ? new Map<string, string>() : await discoverAll(world, record.services);
  const ours = record.changes.filter(({ service, instance, after }) => now.get(`${service}/${instance}`) === after);
  const kept = await exchangeAll(
    world,
    ours.map(({ service, instance, before, after }) => ({ service, instance, was: after, value: before })),
  );
  await close(world, record, 'reverted');
  const back = ours.length - kept.length;
  return {
    reverted: true,
    nothingToDo: ours.length === 0,
    detail: bi(
      `${back} instances of ${names} are as before the restore`,
      `${names} 的 ${back} 个实例已恢复为恢复操作之前的状态`,
    ),
  };
}

async function fullResidue(world: World, record: FullRecord): Promise<readonly Bilingual[]> {
  const aside = (await asideNow(record)).map((path) =>
    bi(`old data is still aside: ${path}`, `旧数据仍被移开：${path}`),
  );
  const gone = (await isClosed(world, record)) ? [] : await goneNodes(world);
  return [...aside, ...gone.map((node) => bi(`node ${node} does not run`, `节点 ${node} 没有运行`))];
}

async function serviceResidue(world: World, record: ServiceRecord): Promise<readonly Bilingual[]> {
  if (record.changes.length === 0 || (await isClosed(world, record))) return [];
  const names = record.services.join(', ');
  const now = await discoverAll(world, record.services);
  const ours = record.changes.filter(({ service, instance, after }) => now.get(`${service}/${instance}`) === after);
  if (ours.length === 0) return [];
  return [
    bi(
      `${ours.length} instances of ${names} are from a restore that was not completed`,
      `${names} 有 ${ours.length} 个实例来自未完成的恢复`,
    ),
  ];
}
