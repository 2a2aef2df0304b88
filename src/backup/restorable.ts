/** Whether what a restore made of an archive is what the archive holds: by count, by hash, and by using it. */
import type { ArchiveVerdict } from '../core/backup.js';
import type { World } from '../core/fault.js';
import { agreedLeader, askInTurn, readMembers } from '../core/members.js';
import type { NodeClient } from '../core/registry.js';
import { type Bilingual, bi } from '../core/text.js';
import { type StateSum, sumOf } from './content-hash.js';

export interface RestoredCheck {
  readonly check: 'count' | 'hash' | 'function';
  readonly ok: boolean;
  readonly detail: Bilingual;
}

type Sound = ArchiveVerdict & { readonly sound: true };

const LISTING_LIMIT_MS = 60_000;
const CALL_LIMIT_MS = 5_000;
/** Registered, found and removed again; no service of anybody's has this name. */
const PROBE = { service: 'firedrill-verify', instance: 'probe' };

export async function checkRestored(world: World, archive: Sound): Promise<readonly RestoredCheck[]> {
  const content = await contentOnNodes(world, archive);
  return [...content, await checkFunction(world)];
}

/** Every node's own copy: one that lacks something would hide behind the others. */
async function contentOnNodes({ cluster }: World, archive: Sound): Promise<readonly RestoredCheck[]> {
  const { registry } = cluster;
  const wanted = archive.info.state;
  // Where nobody could list the settings, the archive has none to compare with.
  const listsSettings = archive.snapshot.settings.length > 0;
  const counts: string[] = [];
  const hashes: string[] = [];
  for (const node of registry.nodes) {
    const held = await sumOn(registry.client(node), listsSettings);
    if ('reason' in held) counts.push(`${node}: ${held.reason}`);
    else {
      if (held.durable !== wanted.durable) counts.push(`${node}: ${held.durable}`);
      if (held.durableHash !== wanted.durableHash) hashes.push(`${node}: ${held.durableHash.slice(0, 12)}…`);
    }
  }
  const [nodes, hash] = [registry.nodes.length, `${wanted.durableHash.slice(0, 12)}…`];
  return [
    counts.length === 0
      ? passed(
          'count',
          bi(
            `${wanted.durable} durable instances on each of ${nodes} nodes`,
            `${nodes} 个节点上各有 ${wanted.durable} 个持久实例`,
          ),
        )
      : failed(
          'count',
          bi(
            `${wanted.durable} durable instances are wanted; ${counts.join('; ')}`,
            `应有 ${wanted.durable} 个持久实例；${counts.join('；')}`,
          ),
        ),
    hashes.length + counts.length === 0
      ? passed('hash', bi(`content hash ${hash} on each of them`, `各节点内容哈希均为 ${hash}`))
      : failed(
          'hash',
          bi(
            `content hash ${hash} is wanted; ${[...hashes, ...counts].join('; ')}`,
            `内容哈希应为 ${hash}；${[...hashes, ...counts].join('；')}`,
          ),
        ),
  ];
}

async function sumOn(client: NodeClient, listsSettings: boolean): Promise<StateSum | { readonly reason: string }> {
  const entries = await client.listOwn({ limitMs: LISTING_LIMIT_MS });
  if (entries.outcome !== 'ok') return entries;
  if (!listsSettings) return sumOf(entries.value, []);
  const settings = await client.listSettings({ limitMs: LISTING_LIMIT_MS });
  return settings.outcome === 'ok' ? sumOf(entries.value, settings.value) : settings;
}

/** As its clients use it: registered at one node, discovered and removed through any; all members in good health. */
async function checkFunction({ cluster, clock }: World): Promise<RestoredCheck> {
  const { registry } = cluster;
  const options = { clock, limitMs: CALL_LIMIT_MS };
  const value = `{"by":"firedrill","at":"${clock.wallIso()}"}`;
  const registered = await askInTurn(registry, (client, call) => client.register({ ...PROBE, value }, call), options);
  if (registered.outcome !== 'ok')
    return failed('function', bi(`registering failed: ${registered.reason}`, `注册失败：${registered.reason}`));
  const blind: string[] = [];
  for (const node of registry.nodes) {
    const found = await registry.client(node).discover(PROBE.service, { limitMs: CALL_LIMIT_MS });
    if (found.outcome !== 'ok') blind.push(`${node}: ${found.reason}`);
    else if (found.value[0]?.value !== value) blind.push(node);
  }
  const removed = await askInTurn(registry, (client, call) => client.deregister(PROBE, call), options);
  const views = await readMembers(registry, { limitMs: CALL_LIMIT_MS });
  const leader = agreedLeader(views);
  if (blind.length > 0)
    return failed(
      'function',
      bi(`not discovered through ${blind.join('; ')}`, `以下节点未能发现：${blind.join('；')}`),
    );
  if (removed.outcome !== 'ok')
    return failed('function', bi(`deregistering failed: ${removed.reason}`, `注销失败：${removed.reason}`));
  if (leader === null) return failed('function', bi('the nodes do not agree on a leader', '各节点未就主节点达成一致'));
  return passed(
    'function',
    bi(
      `registered, discovered through every node, deregistered; ${leader} leads`,
      `已注册、经每个节点发现并注销；主节点为 ${leader}`,
    ),
  );
}

const passed = (check: RestoredCheck['check'], detail: Bilingual): RestoredCheck => ({ check, ok: true, detail });
const failed = (check: RestoredCheck['check'], detail: Bilingual): RestoredCheck => ({ check, ok: false, detail });
