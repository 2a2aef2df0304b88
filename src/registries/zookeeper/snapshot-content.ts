/** What a snapshot holds: of a backup, or of a node that opens no session but hands its snapshot out without a quorum. */
import type { Entry, NativeContent } from '../../core/registry.js';
import { rulesAsTold } from './access-rules.js';
import { type Layout, type Named, SETTINGS } from './layouts.js';
import { fromNodeName } from './names.js';
import { pathOf } from './registrations.js';
import { zxidOf } from './snapshot-file.js';
import { type SnapshotNode, treeIn } from './snapshot-tree.js';

export interface Place {
  readonly base: string;
  readonly layout: Layout;
}

export function contentOfSnapshot(snapshot: Uint8Array, place: Place): NativeContent {
  const { nodes } = treeIn(snapshot);
  const under = nodes.filter(({ path }) => path === place.base || path.startsWith(`${place.base}/`));
  const changedAt = new Map(under.map((node) => [node.path, node.changedAt]));
  return {
    entries: under.flatMap((node) => entryOf(node, place)),
    changedAt: (service, instance) => changedAt.get(pathOf(place.layout, place.base, { service, instance })) ?? null,
    settings: nodes
      .filter(({ path }) => path.startsWith(`${SETTINGS}/`))
      .map(({ path, data }) => ({ name: fromNodeName(path.slice(SETTINGS.length + 1)), value: data })),
    accessRules: rulesAsTold(under),
    revision: Number(zxidOf(snapshot)),
  };
}

/** What a server holds that hands out its snapshot instead of a session. */
export const entriesOfSnapshot = (snapshot: Uint8Array, place: Place): readonly Entry[] =>
  treeIn(snapshot).nodes.flatMap((node) => entryOf(node, place));

function entryOf({ path, data, ephemeral }: SnapshotNode, place: Place): readonly Entry[] {
  const named = instanceAt(path, place);
  return named === null ? [] : [{ ...named, value: place.layout.valueOf(data), leased: ephemeral }];
}

/** Null = no instance has its node there. */
export function instanceAt(path: string, { base, layout }: Place): Named | null {
  if (!path.startsWith(`${base}/`)) return null;
  const [first = ''] = path.slice(base.length + 1).split('/');
  const service = layout.serviceOf(first);
  const folder = `${layout.folderOf(base, service)}/`;
  const node = path.slice(folder.length);
  if (!path.startsWith(folder) || node === '' || node.includes('/')) return null;
  return { service, instance: layout.instanceOf(node) };
}
