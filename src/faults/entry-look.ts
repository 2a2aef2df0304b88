/** What the nodes hold of the entries that a fault recorded. */
import type { Confirmation, World } from '../core/fault.js';
import { majorityOf } from '../core/members.js';
import type { Entry } from '../core/registry.js';
import { bi } from '../core/text.js';

const LIST_LIMIT_MS = 2_000;

export const keyOf = (entry: { readonly service: string; readonly instance: string }): string =>
  `${entry.service}/${entry.instance}`;

export interface NodeEntries {
  readonly node: string;
  /** Key → value; null = the node could not be read. */
  readonly held: ReadonlyMap<string, Entry> | null;
}

/** Reads every node's own copy at the same time. */
export const readNodes = (world: World): Promise<readonly NodeEntries[]> => {
  const { registry } = world.cluster;
  const { signal } = world;
  return Promise.all(
    registry.nodes.map(async (node) => {
      const answer = await registry.client(node).listOwn({ limitMs: LIST_LIMIT_MS, ...(signal && { signal }) });
      const held = answer.outcome === 'ok' ? new Map(answer.value.map((entry) => [keyOf(entry), entry])) : null;
      return { node, held };
    }),
  );
};

/** `still` = as recorded; `newer` = written again since, by a client that goes on working. */
function compare(recorded: readonly Entry[], held: ReadonlyMap<string, Entry>) {
  const still = recorded.filter((entry) => held.get(keyOf(entry))?.value === entry.value).length;
  const absent = recorded.filter((entry) => !held.has(keyOf(entry))).length;
  return { still, absent, newer: recorded.length - still - absent };
}

/** Bitten once a majority of all nodes holds none of the recorded entries any more. */
export async function confirmDeleted(world: World, recorded: readonly Entry[]): Promise<Confirmation> {
  const nodes = await readNodes(world);
  const observedMs = world.clock.monotonicMs();
  const seen = nodes.flatMap(({ node, held }) => (held === null ? [] : [{ node, ...compare(recorded, held) }]));
  const clean = seen.filter(({ still, absent }) => still === 0 && absent > 0).length;
  const unread = nodes.length - seen.length;
  const needed = majorityOf(nodes.length);
  const perNode = seen.map((s) => `${s.node} ${s.still}`).join(', ');
  const newer = Math.max(0, ...seen.map((s) => s.newer));
  const detail = bi(
    `of ${recorded.length} recorded entries still held: ${perNode}${newer > 0 ? `; written again since: ${newer}` : ''}${unread > 0 ? `; nodes not readable: ${unread}` : ''}`,
    `记录的 ${recorded.length} 个条目中仍存在：${perNode}${newer > 0 ? `；此后又被写入：${newer}` : ''}${unread > 0 ? `；不可读节点：${unread}` : ''}`,
  );
  const possible = clean + unread >= needed ? null : false;
  return { bitten: clean >= needed ? true : possible, observedMs, detail };
}
