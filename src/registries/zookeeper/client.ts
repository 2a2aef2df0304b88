/** A node's client. */
import type { Answer, NodeClient } from '../../core/registry.js';
import { within } from '../within.js';
import type { Access, AccessParts } from './access.js';
import { exchange } from './exchange.js';
import { SETTINGS } from './layouts.js';
import { leaseIdOf, sessionOf } from './lease.js';
import { fromNodeName, toNodeName } from './names.js';
import { NEW_SESSION } from './open-wire.js';
import { listService, pathOf, remove, upsert } from './registrations.js';
import type { Status } from './status.js';
import { type Tree, treeOn } from './tree.js';

export interface ClientParts extends Pick<AccessParts, 'place'> {
  readonly node: string;
  readonly status: Status;
  readonly access: Access;
}

export function makeClient({ node, status, access, place }: ClientParts): NodeClient {
  const { base, layout } = place;
  const { onTree, attached, ownCopy } = access;
  return {
    node,
    status: (options) => within(options, status),
    register: async ({ leaseId, ...entry }, options) => {
      const problem = layout.problem(entry);
      if (problem !== null) return { outcome: 'failed', reason: problem };
      const path = pathOf(layout, base, entry);
      const data = layout.dataOf(entry);
      if (leaseId === undefined) return onTree(options, (tree) => upsert(tree, path, { data, ephemeral: false }));
      return attached(sessionOf(leaseId), options, (wire, signal) =>
        upsert(
          treeOn(wire, signal, () => {}),
          path,
          { data, ephemeral: true },
        ),
      );
    },
    deregister: async (entry, options) => {
      const problem = layout.problem(entry);
      if (problem !== null) return { outcome: 'failed', reason: problem };
      return onTree(options, (tree) => remove(tree, pathOf(layout, base, entry)));
    },
    exchange: async ({ was, value, ...entry }, options) => {
      const problem = layout.problem(entry);
      if (problem !== null) return { outcome: 'failed', reason: problem };
      const path = pathOf(layout, base, entry);
      const data = value === null ? '' : layout.dataOf({ ...entry, value });
      return onTree(options, (tree) => exchange(tree, { path, valueOf: layout.valueOf, was, value, data }));
    },
    grantLease: (ttlMs, options) =>
      attached({ ...NEW_SESSION, timeoutMs: Math.ceil(ttlMs) }, options, async (wire) => ({
        outcome: 'ok',
        value: { leaseId: leaseIdOf(wire.session) },
      })),
    renew: (leaseId, options) => attached(sessionOf(leaseId), options, async () => DONE),
    discover: async (service, options) => {
      const problem = layout.problem({ service, instance: 'any' });
      if (problem !== null) return { outcome: 'failed', reason: problem };
      const folder = layout.folderOf(base, service);
      return onTree(options, (tree) => synced(tree, folder, () => listService(tree, folder, { service, layout })));
    },
    listOwn: ownCopy,
    listSettings: (options) => onTree(options, (tree) => synced(tree, SETTINGS, () => listSettings(tree))),
    putSetting: ({ name, value }, options) =>
      onTree(options, (tree) => upsert(tree, `${SETTINGS}/${toNodeName(name)}`, { data: value, ephemeral: false })),
    removeSetting: (name, options) => onTree(options, (tree) => remove(tree, `${SETTINGS}/${toNodeName(name)}`)),
  };
}

const DONE = { outcome: 'ok', value: null } as const;

/** A consistent read: what anybody was acknowledged before is in it. */
async function synced<T>(tree: Tree, path: string, read: () => Promise<Answer<T>>): Promise<Answer<T>> {
  const sync = await tree.sync(path);
  return sync.outcome === 'ok' ? read() : sync;
}

async function listSettings(tree: Tree): ReturnType<NodeClient['listSettings']> {
  const names = await tree.children(SETTINGS);
  if (names.outcome !== 'ok') return names;
  const settings: { readonly name: string; readonly value: string }[] = [];
  for (const name of [...(names.value ?? [])].sort()) {
    const answer = await tree.get(`${SETTINGS}/${name}`);
    if (answer.outcome !== 'ok') return answer;
    if (answer.value !== null) settings.push({ name: fromNodeName(name), value: answer.value.data });
  }
  return { outcome: 'ok', value: settings };
}
