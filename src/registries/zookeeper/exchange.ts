/** Changes a node only where it is still what it is thought to be. */
import type { Answer } from '../../core/registry.js';
import { CHANGED_ALL_THE_TIME, createParents, map, TRIES } from './registrations.js';
import type { Tree } from './tree.js';

interface Exchange {
  readonly path: string;
  /** A node's data as the value that was registered. */
  readonly valueOf: (data: string) => string;
  readonly was: string | null;
  readonly value: string | null;
  /** What the node is to hold; not asked for where `value` is null. */
  readonly data: string;
}

type End = 'done' | 'changed' | 'again';

export async function exchange(tree: Tree, change: Exchange): Promise<Answer<'done' | 'changed'>> {
  const sync = await tree.sync(change.path);
  if (sync.outcome !== 'ok') return sync;
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const answer = await exchangeOnce(tree, change);
    if (answer.outcome !== 'ok') return answer;
    if (answer.value !== 'again') return { outcome: 'ok', value: answer.value };
  }
  return CHANGED_ALL_THE_TIME;
}

async function exchangeOnce(tree: Tree, change: Exchange): Promise<Answer<End>> {
  const { path, was, value } = change;
  const node = await tree.get(path);
  if (node.outcome !== 'ok') return node;
  const now = node.value === null ? null : change.valueOf(node.value.data);
  const leased = node.value !== null && node.value.stat.owner !== null;
  if (now === value && !leased) return { outcome: 'ok', value: 'done' };
  if (now !== was) return { outcome: 'ok', value: 'changed' };
  if (node.value === null) return create(tree, change);
  const { version } = node.value.stat;
  if (value === null) return map(await tree.remove(path, version), endOf);
  if (leased) return map(await tree.replace(path, change.data, { as: 'persistent', version }), endOf);
  return map(await tree.set(path, change.data, version), (set) => (set === null ? 'again' : 'done'));
}

async function create(tree: Tree, { path, data }: Exchange): Promise<Answer<End>> {
  const created = await tree.create(path, data, 'persistent');
  if (created.outcome !== 'ok') return created;
  if (created.value === 'no-parent') return map(await createParents(tree, path), () => 'again');
  return { outcome: 'ok', value: created.value === 'created' ? 'done' : 'again' };
}

/** A node with others below it is not one of ours. */
function endOf(outcome: 'removed' | 'absent' | 'not-empty' | 'other-version' | 'replaced' | 'changed'): End {
  if (outcome === 'not-empty') return 'changed';
  return outcome === 'removed' || outcome === 'replaced' ? 'done' : 'again';
}
