/** The last step of seed §5.2: the registry serves, and every node lists what the archive holds. */
import { pollUntil } from '../../core/clock.js';
import { WorldError } from '../../core/errors.js';
import type { World } from '../../core/fault.js';
import { agreedLeader, readMembers } from '../../core/members.js';
import { type Bilingual, bi } from '../../core/text.js';
import type { Done } from '../substep.js';

const WITHIN_MS = 30_000;
const EVERY_MS = 100;
const CALL_LIMIT_MS = 2_000;
/** All nodes list all of it at the same time: 100,000 instances take seconds. */
const LISTING_LIMIT_MS = 20_000;
const NAMES_SHOWN = 5;

interface Look {
  readonly leader: string | null;
  /** Node → keys of the archive that it lacks, or holds as they were before; null = it cannot be read. */
  readonly missing: ReadonlyMap<string, readonly string[] | null>;
  /** Keys that clients have given another value: by somebody else's hand, since nothing else writes here. */
  readonly kept: readonly string[];
  /** Leased instances that are listed, too: most that a node tells of. */
  readonly leased: number;
}

/**
 * `content`: key → raw value of all durable instances that must be back. `before`: key → what it held until the restore
 * changed it. A value that is neither was written since by a client: it stays, and is no sign of what was restored.
 */
export async function waitForRegistrations(
  world: World,
  content: ReadonlyMap<string, string>,
  before: ReadonlyMap<string, string> = new Map(),
): Promise<Done<null>> {
  const { clock, signal } = world;
  const { value, reached, waitedMs } = await pollUntil(() => look(world, content, before), isComplete, {
    clock,
    withinMs: WITHIN_MS,
    everyMs: EVERY_MS,
    ...(signal && { signal }),
  });
  if (!reached) throw incomplete(value, content.size, waitedMs);
  const nodes = [...value.missing.keys()];
  const { kept, leased } = value;
  const left = whatClientsWrote(kept);
  const ending = whatEndsWithItsLease(leased);
  return {
    value: null,
    ...(kept.length > 0 && { outcome: 'unknown' as const }),
    detail: bi(
      `${value.leader} leads; ${content.size} of ${content.size} durable instances are listed by ${nodes.join(', ')}${ending.en}${left.en}`,
      `主节点为 ${value.leader}；${content.size} 个持久实例已全部列于 ${nodes.join('、')}${ending.zh}${left.zh}`,
    ),
    facts: {
      leader: value.leader,
      expected: content.size,
      leased,
      listed: Object.fromEntries(nodes.map((n) => [n, content.size])),
      ...(kept.length > 0 && { kept }),
    },
  };
}

/** A native copy brings ephemeral instances back with their leases, whether or not their owners still live. */
const whatEndsWithItsLease = (leased: number): Bilingual =>
  leased === 0
    ? bi('', '')
    : bi(
        `, and ${leased} leased ones, which end with their lease unless their owners renew it`,
        `，另有 ${leased} 个带租约的实例，所有者不续约则随租约到期消失`,
      );

/** To be put at the end of a sentence; empty where there are none. */
export const whatClientsWrote = (kept: readonly string[]): Bilingual =>
  kept.length === 0
    ? bi('', '')
    : bi(
        `; ${kept.length} that clients wrote meanwhile are left as they are: ${namesOf(kept, ', ')}`,
        `；客户端期间写入的 ${kept.length} 个保持不动：${namesOf(kept, '、')}`,
      );

const namesOf = (keys: readonly string[], between: string): string =>
  keys.slice(0, NAMES_SHOWN).join(between) + (keys.length > NAMES_SHOWN ? ' …' : '');

async function look(
  { cluster }: World,
  content: ReadonlyMap<string, string>,
  before: ReadonlyMap<string, string>,
): Promise<Look> {
  const { registry } = cluster;
  const options = { limitMs: CALL_LIMIT_MS };
  const [views, listings] = await Promise.all([
    readMembers(registry, options),
    Promise.all(registry.nodes.map((node) => registry.client(node).listOwn({ limitMs: LISTING_LIMIT_MS }))),
  ]);
  const kept = new Set<string>();
  let leased = 0;
  const missing = registry.nodes.map((node, index) => {
    const listing = listings[index];
    if (listing === undefined || listing.outcome !== 'ok') return [node, null] as const;
    leased = Math.max(leased, listing.value.filter((entry) => entry.leased).length);
    const held = new Map(listing.value.map((entry) => [`${entry.service}/${entry.instance}`, entry.value]));
    const other = [...content].filter(([key, raw]) => held.get(key) !== raw).map(([key]) => key);
    const isBack = (key: string): boolean => held.has(key) && held.get(key) !== before.get(key);
    for (const key of other.filter(isBack)) kept.add(key);
    return [node, other.filter((key) => !isBack(key))] as const;
  });
  const silent = views.some(({ answer }) => answer.outcome !== 'ok');
  return { leader: silent ? null : agreedLeader(views), missing: new Map(missing), kept: [...kept], leased };
}

const isComplete = ({ leader, missing }: Look): boolean =>
  leader !== null && [...missing.values()].every((keys) => keys !== null && keys.length === 0);

function incomplete({ leader, missing }: Look, expected: number, waitedMs: number): WorldError {
  const seen = [...missing]
    .map(([node, keys]) =>
      keys === null
        ? `${node} not readable`
        : `${node} lacks ${keys.length} (${keys.slice(0, NAMES_SHOWN).join(', ')})`,
    )
    .join('; ');
  const seconds = (waitedMs / 1_000).toFixed(1);
  return new WorldError({
    code: 'registrations-incomplete',
    message: bi(
      `${seconds} s after the restore not all ${expected} durable instances are listed everywhere (leader: ${leader ?? 'none'}): ${seen}`,
      `恢复 ${seconds} 秒后，${expected} 个持久实例仍未在所有节点列出（主节点：${leader ?? '无'}）：${seen}`,
    ),
    hint: bi(
      'the restore is undone, and what clients wrote since the nodes started goes with it; look at the nodes’ logs',
      '恢复将被撤销，节点启动之后客户端写入的内容也随之撤销；请查看各节点日志',
    ),
  });
}
