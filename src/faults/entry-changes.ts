/** Deleting recorded entries through the registry's own API, and putting them back. */
import { isCanary } from '../core/canary.js';
import { WorldError } from '../core/errors.js';
import type { RevertResult, World } from '../core/fault.js';
import { askInTurn, askPatiently } from '../core/members.js';
import { inParallel } from '../core/parallel.js';
import type { Answer, CallOptions, Entry, NodeClient } from '../core/registry.js';
import { type Bilingual, bi } from '../core/text.js';
import { keyOf, readNodes } from './entry-look.js';

const CALL_LIMIT_MS = 5_000;
const REQUESTS_AT_ONCE = 16;
const NAMES_SHOWN = 5;

/** Asks the nodes in turn until one answers ok; a repeated delete or put of the same value is harmless. */
export const ask = <T>(
  world: World,
  request: (client: NodeClient, options: CallOptions) => Promise<Answer<T>>,
): Promise<Answer<T>> => {
  const { clock, signal } = world;
  return askInTurn(world.cluster.registry, request, { clock, limitMs: CALL_LIMIT_MS, ...(signal && { signal }) });
};

/** The undo of a node just before this one may have started an election. */
export const askOn: typeof ask = (world, request) => {
  const { clock, signal } = world;
  return askPatiently(world.cluster.registry, request, { clock, limitMs: CALL_LIMIT_MS, ...(signal && { signal }) });
};

export async function deleteEntries(world: World, entries: readonly Entry[]): Promise<void> {
  const startedMs = world.clock.monotonicMs();
  const reasons = await inParallel(entries, REQUESTS_AT_ONCE, async (entry) => {
    const answer = await ask(world, (client, options) => client.deregister(entry, options));
    return answer.outcome === 'ok' ? [] : [`${keyOf(entry)} (${answer.reason})`];
  });
  const failed = reasons.flat();
  if (failed.length === 0) return;
  const tookMs = Math.round(world.clock.monotonicMs() - startedMs);
  throw new WorldError({
    code: 'delete-failed',
    message: bi(
      `${failed.length} of ${entries.length} entries could not be deleted after ${tookMs} ms: ${shorten(failed)}`,
      `${entries.length} 个条目中有 ${failed.length} 个在 ${tookMs} 毫秒后仍未能删除：${shorten(failed)}`,
    ),
    hint: bi('check that the registry has a leader and takes writes', '请检查注册中心是否有主节点并可写'),
  });
}

/** Registers again what is missing now. What was written since stays: the undo must not overwrite newer state. */
export async function putBack(world: World, recorded: readonly Entry[]): Promise<RevertResult> {
  const durable = recorded.filter(({ leased }) => !leased);
  const services = [...new Set(durable.map(({ service }) => service))];
  const lists = await inParallel(services, REQUESTS_AT_ONCE, (service) =>
    askOn(world, (client, options) => client.discover(service, options)),
  );
  const unread = lists.flatMap((list) => (list.outcome === 'ok' ? [] : [list.reason]));
  if (unread.length > 0) return { reverted: false, detail: notReadable(unread) };
  const held = new Set(lists.flatMap((list) => (list.outcome === 'ok' ? list.value.map(keyOf) : [])));
  const missing = durable.filter((entry) => !held.has(keyOf(entry)));
  const reasons = await inParallel(missing, REQUESTS_AT_ONCE, async (entry) => {
    const { service, instance, value } = entry;
    const answer = await askOn(world, (client, options) => client.register({ service, instance, value }, options));
    return answer.outcome === 'ok' ? [] : [`${keyOf(entry)} (${answer.reason})`];
  });
  const failed = reasons.flat();
  if (failed.length > 0) return { reverted: false, detail: notPutBack(failed, missing.length) };
  return {
    reverted: true,
    nothingToDo: missing.length === 0,
    detail: putBackText({ missing: missing.length, durable: durable.length, all: recorded.length }),
  };
}

/** Canary entries are the canary's own undo's to remove, so their absence is not ours to report. */
export async function missingEntries(world: World, recorded: readonly Entry[]): Promise<readonly Bilingual[]> {
  const durable = recorded.filter(({ leased, service }) => !leased && !isCanary(service));
  if (durable.length === 0) return [];
  const readable = (await readNodes(world)).flatMap(({ held }) => (held === null ? [] : [held]));
  if (readable.length === 0) {
    const sentence = bi(
      `no node could be read, so ${durable.length} deleted entries may still be missing`,
      `没有可读的节点，${durable.length} 个被删除的条目可能仍然缺失`,
    );
    return [sentence];
  }
  const missing = durable.filter((entry) => !readable.some((held) => held.has(keyOf(entry)))).map(keyOf);
  if (missing.length === 0) return [];
  return [
    bi(
      `${missing.length} deleted entries are missing on every node: ${shorten(missing)}`,
      `${missing.length} 个被删除的条目在所有节点上都缺失：${shorten(missing)}`,
    ),
  ];
}

const shorten = (names: readonly string[]): string =>
  names.length <= NAMES_SHOWN
    ? names.join(', ')
    : `${names.slice(0, NAMES_SHOWN).join(', ')} … (+${names.length - NAMES_SHOWN})`;

const notReadable = (reasons: readonly string[]): Bilingual =>
  bi(`no node tells what is missing now: ${shorten(reasons)}`, `没有节点能告知当前缺失的条目：${shorten(reasons)}`);

const notPutBack = (failed: readonly string[], wanted: number): Bilingual =>
  bi(
    `${failed.length} of ${wanted} missing entries could not be put back: ${shorten(failed)}`,
    `${wanted} 个缺失条目中有 ${failed.length} 个未能放回：${shorten(failed)}`,
  );

function putBackText(count: { readonly missing: number; readonly durable: number; readonly all: number }): Bilingual {
  const leased = count.all - count.durable;
  return bi(
    `put back ${count.missing} of ${count.durable} entries; the others are there${leased > 0 ? `; ${leased} leased ones come back only when their owners register again` : ''}`,
    `已放回 ${count.durable} 个条目中的 ${count.missing} 个，其余仍在${leased > 0 ? `；${leased} 个带租约的条目须由其所有者重新注册` : ''}`,
  );
}
