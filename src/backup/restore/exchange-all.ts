/** Entries changed only where nobody else has: what clients write meanwhile is theirs. */
import { WorldError } from '../../core/errors.js';
import type { World } from '../../core/fault.js';
import { askInTurn, askPatiently } from '../../core/members.js';
import { inParallel } from '../../core/parallel.js';
import { bi } from '../../core/text.js';

const CALL_LIMIT_MS = 5_000;
const REQUESTS_AT_ONCE = 16;

/** `was`, `value`: null = not there. */
export interface Exchange {
  readonly service: string;
  readonly instance: string;
  readonly was: string | null;
  readonly value: string | null;
}

/** Returns those that are not what they were, by `service/instance`; throws with what no node took. Safe to repeat. */
export async function exchangeAll(world: World, entries: readonly Exchange[]): Promise<readonly string[]> {
  const { clock, signal } = world;
  const options = { clock, limitMs: CALL_LIMIT_MS, ...(signal && { signal }) };
  // Nodes that have just been started may hold another election; that is waited for once, not for each entry.
  let waits = true;
  const ends = await inParallel(entries, REQUESTS_AT_ONCE, async (entry) => {
    const ask = waits ? askPatiently : askInTurn;
    const answer = await ask(world.cluster.registry, (client, call) => client.exchange(entry, call), options);
    if (answer.outcome !== 'ok') waits = false;
    if (answer.outcome === 'ok' && answer.value === 'done') return [];
    return [{ name: `${entry.service}/${entry.instance}`, why: answer.outcome === 'ok' ? null : answer.reason }];
  });
  const failed = ends.flat().flatMap(({ name, why }) => (why === null ? [] : [`${name} (${why})`]));
  if (failed.length === 0) return ends.flat().map(({ name }) => name);
  throw new WorldError({
    code: 'restore-write-failed',
    message: bi(
      `${failed.length} of ${entries.length} entries could not be written: ${failed.slice(0, 3).join(', ')}`,
      `${entries.length} 个条目中有 ${failed.length} 个未能写入：${failed.slice(0, 3).join('、')}`,
    ),
    hint: bi('check that the registry has a leader and takes writes', '请检查注册中心是否有主节点并可写'),
  });
}
