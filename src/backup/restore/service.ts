/** One service, or some, put back into the running registry; everything else stays as it is. */
import type { Cipher } from '../../core/archive-cipher.js';
import { WorldError } from '../../core/errors.js';
import type { World } from '../../core/fault.js';
import type { BackupRestore } from '../../core/services.js';
import { bi } from '../../core/text.js';
import { snapshotOfChain } from '../chain.js';
import { durableContent } from '../snapshot.js';
import { type Done, substeps } from '../substep.js';
import { checkArchive } from './check-archive.js';
import { exchangeAll } from './exchange-all.js';
import { discoverAll } from './prepare.js';
import type { EntryChange, ServiceRecord } from './record.js';
import { waitForRegistrations, whatClientsWrote } from './registrations.js';

type Options = Parameters<BackupRestore['execute']>[1] & { readonly cipher: Cipher | undefined };

const LIVE = bi(
  'services go back into the running registry: no node is stopped',
  '服务恢复到运行中的注册中心：不停止任何节点',
);

export async function restoreService(world: World, record: ServiceRecord, options: Options): Promise<void> {
  const { archive, onSubstep, cipher } = options;
  const { services, changes } = record;
  const steps = substeps({ clock: world.clock, signal: world.signal, onSubstep });
  const chain = await steps.run('check-archive', () => checkArchive(world, archive, cipher));
  const snapshot = snapshotOfChain(chain);
  const content = new Map(services.flatMap((service) => [...durableContent(snapshot, service)]));
  steps.notApplicable('stop', LIVE);
  steps.notApplicable('clear', LIVE);
  await steps.run('restore', () => register(world, services, changes));
  const before = new Map(changes.flatMap((c) => (c.before === null ? [] : [[`${c.service}/${c.instance}`, c.before]])));
  await steps.run('verify', () => verify(world, services, { content, before }));
  steps.notApplicable('start', LIVE);
  await steps.run('registrations', () => waitForRegistrations(world, content, before));
}

async function register(
  world: World,
  services: readonly string[],
  changes: readonly EntryChange[],
): Promise<Done<null>> {
  const wanted = changes.map(({ service, instance, before, after }) => ({
    service,
    instance,
    was: before,
    value: after,
  }));
  const kept = new Set(await exchangeAll(world, wanted));
  const done = changes.filter(({ service, instance }) => !kept.has(`${service}/${instance}`));
  const missing = done.filter(({ before }) => before === null).length;
  const changed = done.length - missing;
  const names = services.join(', ');
  const left = whatClientsWrote([...kept]);
  return {
    value: null,
    detail: bi(
      `${missing} missing instances of ${names} registered again, ${changed} changed ones set back; settings and other services untouched${left.en}`,
      `已重新注册 ${names} 的 ${missing} 个缺失实例，改回 ${changed} 个被改动的实例；配置与其他服务未动${left.zh}`,
    ),
    facts: { service: names, registered: missing, setBack: changed, ...(kept.size > 0 && { kept: [...kept] }) },
  };
}

interface Wanted {
  readonly content: ReadonlyMap<string, string>;
  /** What the restore had to change, as it was. */
  readonly before: ReadonlyMap<string, string>;
}

async function verify(world: World, services: readonly string[], { content, before }: Wanted): Promise<Done<null>> {
  const now = await discoverAll(world, services);
  const names = services.join(', ');
  const other = [...content].filter(([key, raw]) => now.get(key) !== raw).map(([key]) => key);
  const wrong = other.filter((key) => !now.has(key) || now.get(key) === before.get(key));
  const kept = other.filter((key) => !wrong.includes(key));
  const others = [...now.keys()].filter((key) => !content.has(key)).length;
  if (wrong.length > 0) {
    throw new WorldError({
      code: 'restore-not-verified',
      message: bi(
        `after the restore ${wrong.length} of ${content.size} instances of ${names} are not as in the archive: ${wrong.slice(0, 5).join(', ')}`,
        `恢复后 ${names} 的 ${content.size} 个实例中有 ${wrong.length} 个与归档不一致：${wrong.slice(0, 5).join('、')}`,
      ),
      hint: bi(
        'somebody else writes to this service: stop them, then restore again',
        '有其他写入方在改动该服务：请先停止再恢复',
      ),
    });
  }
  const found = content.size - kept.length;
  const left = whatClientsWrote(kept);
  return {
    value: null,
    ...(kept.length > 0 && { outcome: 'unknown' as const }),
    detail: bi(
      `a consistent read finds ${found} of ${content.size} durable instances as in the archive, and ${others} others that were left alone${left.en}`,
      `一致性读发现 ${content.size} 个持久实例中 ${found} 个与归档一致，另有 ${others} 个未改动${left.zh}`,
    ),
    facts: { expected: content.size, found, others, ...(kept.length > 0 && { kept }) },
  };
}
