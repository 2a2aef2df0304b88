/** One service, or some, put back into the running registry; everything else stays as it is. */
import type { Cipher } from '../../core/archive-cipher.js';
import { WorldError } from '../../core/errors.js';
import type { World } from '../../core/fault.js';
import { askInTurn } from '../../core/members.js';
import { inParallel } from '../../core/parallel.js';
import type { Answer, CallOptions, NodeClient } from '../../core/registry.js';
import type { BackupRestore } from '../../core/services.js';
import { bi } from '../../core/text.js';
import { snapshotOfChain } from '../chain.js';
import { durableContent } from '../snapshot.js';
import { type Done, substeps } from '../substep.js';
import { checkArchive } from './check-archive.js';
import { discoverAll } from './prepare.js';
import type { EntryChange, ServiceRecord } from './record.js';
import { waitForRegistrations } from './registrations.js';

const CALL_LIMIT_MS = 5_000;
const REQUESTS_AT_ONCE = 16;

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
  await steps.run('verify', () => verify(world, services, content));
  steps.notApplicable('start', LIVE);
  await steps.run('registrations', () => waitForRegistrations(world, content));
}

async function register(
  world: World,
  services: readonly string[],
  changes: readonly EntryChange[],
): Promise<Done<null>> {
  await writeAll(
    world,
    changes.map(({ service, instance, after }) => ({ service, instance, value: after })),
  );
  const missing = changes.filter(({ before }) => before === null).length;
  const changed = changes.length - missing;
  const names = services.join(', ');
  return {
    value: null,
    detail: bi(
      `${missing} missing instances of ${names} registered again, ${changed} changed ones set back; settings and other services untouched`,
      `已重新注册 ${names} 的 ${missing} 个缺失实例，改回 ${changed} 个被改动的实例；配置与其他服务未动`,
    ),
    facts: { service: names, registered: missing, setBack: changed },
  };
}

async function verify(
  world: World,
  services: readonly string[],
  content: ReadonlyMap<string, string>,
): Promise<Done<null>> {
  const now = await discoverAll(world, services);
  const names = services.join(', ');
  const wrong = [...content].filter(([key, raw]) => now.get(key) !== raw).map(([key]) => key);
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
  return {
    value: null,
    detail: bi(
      `a consistent read finds all ${content.size} durable instances as in the archive, and ${others} others that were left alone`,
      `一致性读发现 ${content.size} 个持久实例全部与归档一致，另有 ${others} 个未改动`,
    ),
    facts: { expected: content.size, found: content.size, others },
  };
}

/** Puts each entry as given (`value` null: removes it); throws with what no node took. Safe to repeat. */
export async function writeAll(
  world: World,
  entries: readonly { readonly service: string; readonly instance: string; readonly value: string | null }[],
): Promise<void> {
  const { clock, signal } = world;
  const options = { clock, limitMs: CALL_LIMIT_MS, ...(signal && { signal }) };
  const reasons = await inParallel(entries, REQUESTS_AT_ONCE, async ({ service, instance, value }) => {
    const write = (client: NodeClient, call: CallOptions): Promise<Answer<null>> =>
      value === null
        ? client.deregister({ service, instance }, call)
        : client.register({ service, instance, value }, call);
    const answer = await askInTurn(world.cluster.registry, write, options);
    return answer.outcome === 'ok' ? [] : [`${service}/${instance} (${answer.reason})`];
  });
  const failed = reasons.flat();
  if (failed.length === 0) return;
  throw new WorldError({
    code: 'restore-write-failed',
    message: bi(
      `${failed.length} of ${entries.length} entries could not be written: ${failed.slice(0, 3).join(', ')}`,
      `${entries.length} 个条目中有 ${failed.length} 个未能写入：${failed.slice(0, 3).join('、')}`,
    ),
    hint: bi('check that the registry has a leader and takes writes', '请检查注册中心是否有主节点并可写'),
  });
}
