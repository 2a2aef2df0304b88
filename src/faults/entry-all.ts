import { WorldError } from '../core/errors.js';
import type { World } from '../core/fault.js';
import { agreedLeader, readMembers } from '../core/members.js';
import type { Entry } from '../core/registry.js';
import { bi } from '../core/text.js';
import { readNodes } from './entry-look.js';

const STATUS_LIMIT_MS = 1_000;

/** What any node holds; where nodes differ, the leader's value counts: it has every acknowledged write. */
export async function everyEntry(world: World): Promise<readonly Entry[]> {
  const leader = agreedLeader(await readMembers(world.cluster.registry, { limitMs: STATUS_LIMIT_MS }));
  const nodes = await readNodes(world);
  const readable = nodes.flatMap(({ node, held }) => (held === null ? [] : [{ node, held }]));
  if (leader === null || !readable.some(({ node }) => node === leader)) {
    throw new WorldError({
      code: 'no-leader',
      message: bi(
        'the registry has no leader that can be read, so what would be deleted cannot be recorded completely',
        '注册中心没有可读的主节点，无法完整记录将被删除的内容',
      ),
      hint: bi('run `firedrill status`, and wait for a leader', '请运行 `firedrill status`，等待选出主节点'),
    });
  }
  const leaderLast = [...readable].sort((a, b) => Number(a.node === leader) - Number(b.node === leader));
  const union = new Map(leaderLast.flatMap(({ held }) => [...held]));
  return [...union.values()].sort(byKey);
}

const byKey = (a: Entry, b: Entry): number =>
  a.service === b.service ? compareText(a.instance, b.instance) : compareText(a.service, b.service);

const compareText = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
