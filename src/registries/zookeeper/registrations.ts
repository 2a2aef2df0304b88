/** Instances and settings in the tree: put, removed, listed. Each may be repeated. */
import type { Answer, Entry } from '../../core/registry.js';
import type { Layout, Named } from './layouts.js';
import type { Tree } from './tree.js';

/** Somebody else may change the node between two of our requests; not for ever. */
export const TRIES = 5;

export const CHANGED_ALL_THE_TIME = {
  outcome: 'unknown',
  reason: 'the node was changed by others all the time',
} as const;
const DONE = { outcome: 'ok', value: null } as const;

export const map = <A, B>(answer: Answer<A>, change: (value: A) => B): Answer<B> =>
  answer.outcome === 'ok' ? { outcome: 'ok', value: change(answer.value) } : answer;

interface Wish {
  readonly data: string;
  /** Goes with the session of the tree. */
  readonly ephemeral: boolean;
}

/** Creates the node or changes its data. A node that goes with another session, or should not go at all, is replaced. */
export async function upsert(tree: Tree, path: string, wish: Wish): Promise<Answer<null>> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const answer = await put(tree, path, wish);
    if (answer.outcome !== 'ok') return answer;
    if (answer.value === 'done') return DONE;
  }
  return CHANGED_ALL_THE_TIME;
}

type Put = Promise<Answer<'done' | 'again'>>;

async function put(tree: Tree, path: string, wish: Wish): Put {
  const created = await tree.create(path, wish.data, wish.ephemeral ? 'ephemeral' : 'persistent');
  if (created.outcome !== 'ok') return created;
  switch (created.value) {
    case 'created':
      return { outcome: 'ok', value: 'done' };
    case 'no-parent':
      return map(await createParents(tree, path), () => 'again');
    case 'exists':
      return change(tree, path, wish);
  }
}

async function change(tree: Tree, path: string, { data, ephemeral }: Wish): Put {
  const stat = await tree.stat(path);
  if (stat.outcome !== 'ok') return stat;
  if (stat.value === null) return { outcome: 'ok', value: 'again' };
  const isRight = stat.value.owner === (ephemeral ? tree.sessionId : null);
  if (isRight) return map(await tree.set(path, data), (set) => (set === null ? 'again' : 'done'));
  const replaced = await tree.replace(path, data, { as: ephemeral ? 'ephemeral' : 'persistent' });
  return map(replaced, (outcome) => (outcome === 'changed' ? 'again' : 'done'));
}

/** Folders that we make go by themselves when they are empty; those that are there stay what they are. */
export async function createParents(tree: Tree, path: string): Promise<Answer<null>> {
  const parts = path.split('/').slice(1, -1);
  for (const [index] of parts.entries()) {
    const parent = `/${parts.slice(0, index + 1).join('/')}`;
    const created = await tree.create(parent, '', index === 0 ? 'persistent' : 'container');
    if (created.outcome !== 'ok') return created;
  }
  return DONE;
}

/** The folder stays: the server takes away within a minute one that we made, and others are not ours. */
export async function remove(tree: Tree, path: string): Promise<Answer<null>> {
  const removed = await tree.remove(path);
  if (removed.outcome !== 'ok') return removed;
  if (removed.value === 'not-empty') return { outcome: 'failed', reason: `${path} has nodes below it` };
  return DONE;
}

export async function listService(
  tree: Tree,
  folder: string,
  of: { readonly service: string; readonly layout: Layout },
): Promise<Answer<readonly Entry[]>> {
  const { service, layout } = of;
  const names = await tree.children(folder);
  if (names.outcome !== 'ok') return names;
  const nodes = await Promise.all(
    (names.value ?? []).map(async (name) => ({ name, answer: await tree.get(`${folder}/${name}`) })),
  );
  const entries: Entry[] = [];
  for (const { name, answer } of nodes) {
    if (answer.outcome !== 'ok') return answer;
    // Gone between the two requests.
    if (answer.value === null) continue;
    const { data, stat } = answer.value;
    entries.push({
      service,
      instance: layout.instanceOf(name),
      value: layout.valueOf(data),
      leased: stat.owner !== null,
    });
  }
  return { outcome: 'ok', value: inOrder(entries) };
}

export async function listServices(tree: Tree, base: string, layout: Layout): Promise<Answer<readonly Entry[]>> {
  const names = await tree.children(base);
  if (names.outcome !== 'ok') return names;
  const services = [...(names.value ?? [])].sort().map((name) => layout.serviceOf(name));
  const lists = await Promise.all(
    services.map((service) => listService(tree, layout.folderOf(base, service), { service, layout })),
  );
  const entries: Entry[] = [];
  for (const list of lists) {
    if (list.outcome !== 'ok') return list;
    entries.push(...list.value);
  }
  return { outcome: 'ok', value: entries };
}

const inOrder = (entries: readonly Entry[]): readonly Entry[] =>
  [...entries].sort((a, b) => (a.instance < b.instance ? -1 : Number(a.instance > b.instance)));

export const pathOf = (layout: Layout, base: string, { service, instance }: Named): string =>
  `${layout.folderOf(base, service)}/${layout.nodeOf(instance)}`;
