/** The undo data of a restore. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably } from '../../core/durable-file.js';
import { WorldError } from '../../core/errors.js';
import type { Json, UndoData, World } from '../../core/fault.js';
import { bi } from '../../core/text.js';

interface Common {
  readonly archive: string;
  readonly sha256: string;
  /** Unique among what is aside on the nodes and what is closed in the state folder: `firedrill-1`. */
  readonly mark: string;
}

/** Where a node's old data is while the new data is on trial. */
export interface NodeData {
  readonly node: string;
  readonly data: string;
  readonly aside: string;
  /** False: there was nothing to keep, so an undo leaves nothing there. */
  readonly hadData: boolean;
}

export interface FullRecord extends Common {
  readonly kind: 'full';
  readonly nodes: readonly NodeData[];
}

/** One entry that a restore of services changes; `before` null = it was not there. */
export interface EntryChange {
  readonly service: string;
  readonly instance: string;
  readonly before: string | null;
  readonly after: string;
}

export interface ServiceRecord extends Common {
  readonly kind: 'service';
  readonly services: readonly string[];
  readonly changes: readonly EntryChange[];
}

export type RestoreRecord = FullRecord | ServiceRecord;

export function undoDataOf(record: RestoreRecord): UndoData {
  const { kind, archive, sha256, mark } = record;
  const common = { kind, archive, sha256, mark };
  if (record.kind === 'full') return { ...common, nodes: record.nodes.map((node) => ({ ...node })) };
  return { ...common, services: [...record.services], changes: record.changes.map((change) => ({ ...change })) };
}

export function recordOf(undo: UndoData): RestoreRecord {
  const common = { archive: textIn(undo, 'archive'), sha256: textIn(undo, 'sha256'), mark: textIn(undo, 'mark') };
  if (undo.kind === 'full') return { kind: 'full', ...common, nodes: objectsIn(undo, 'nodes').map(nodeDataOf) };
  if (undo.kind !== 'service') throw unreadable('kind');
  const changes = objectsIn(undo, 'changes').map(changeOf);
  return { kind: 'service', ...common, services: textsIn(undo, 'services'), changes };
}

type JsonObject = { readonly [key: string]: Json };

function nodeDataOf(json: JsonObject): NodeData {
  const { hadData } = json;
  if (typeof hadData !== 'boolean') throw unreadable('hadData');
  return { node: textIn(json, 'node'), data: textIn(json, 'data'), aside: textIn(json, 'aside'), hadData };
}

function changeOf(json: JsonObject): EntryChange {
  const before = json.before === null ? null : textIn(json, 'before');
  return { service: textIn(json, 'service'), instance: textIn(json, 'instance'), before, after: textIn(json, 'after') };
}

function textIn(json: JsonObject, key: string): string {
  const value = json[key];
  if (typeof value !== 'string') throw unreadable(key);
  return value;
}

function textsIn(json: JsonObject, key: string): readonly string[] {
  const list = json[key];
  if (!Array.isArray(list)) throw unreadable(key);
  return list.map((item: Json) => {
    if (typeof item !== 'string') throw unreadable(key);
    return item;
  });
}

function objectsIn(json: JsonObject, key: string): readonly JsonObject[] {
  const list = json[key];
  if (!Array.isArray(list)) throw unreadable(key);
  return list.map((item: Json) => {
    if (!isObject(item)) throw unreadable(key);
    return item;
  });
}

const isObject = (json: Json): json is JsonObject => typeof json === 'object' && json !== null && !Array.isArray(json);

const unreadable = (what: string): WorldError =>
  new WorldError({
    code: 'undo-unreadable',
    message: bi(`the undo record of the restore lacks \`${what}\``, `恢复操作的撤销记录缺少 \`${what}\``),
  });

/**
 * A restore is closed when it was committed, or when one of a service was undone. It is written down before anything
 * is removed: a half removed folder must never be put back.
 */
const closedPath = (world: World, mark: string): string => join(world.stateDir, `restore-${mark}.closed`);

export const close = (world: World, { mark }: RestoreRecord, how: 'committed' | 'reverted'): Promise<void> =>
  writeDurably(closedPath(world, mark), `${how}\n`);

export const isClosed = (world: World, { mark }: RestoreRecord): Promise<boolean> => exists(closedPath(world, mark));

export const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** The first mark that neither a node's data nor the state folder knows. */
export async function freeMark(world: World, dataPaths: readonly string[]): Promise<string> {
  for (let n = 1; ; n += 1) {
    const mark = `firedrill-${n}`;
    const taken = await Promise.all(
      [...dataPaths.map((data) => `${data}.${mark}`), closedPath(world, mark)].map(exists),
    );
    if (!taken.includes(true)) return mark;
  }
}
