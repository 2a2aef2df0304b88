/** The undo data of faults on the registry's content: every entry as it was. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { writeDurably } from '../core/durable-file.js';
import { WorldError } from '../core/errors.js';
import { isRecord, type Json, type UndoData, type World } from '../core/fault.js';
import type { Entry } from '../core/registry.js';
import { bi } from '../core/text.js';
import { unreadable } from './node-record.js';

const sha256 = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex');

const asJson = (entries: readonly Entry[]): readonly Json[] =>
  entries.map(({ service, instance, value, leased }) => ({ service, instance, value, leased }));

/** Few entries: they fit into the record itself. */
export const inlineRecord = (entries: readonly Entry[]): UndoData => ({ entries: asJson(entries) });

/** Many entries: a file of the run's state folder, named relative to it and guarded by its hash. */
export async function fileRecord(world: World, name: string, entries: readonly Entry[]): Promise<UndoData> {
  const text = `${JSON.stringify(asJson(entries))}\n`;
  const hash = sha256(text);
  const file = `${name}-${hash.slice(0, 12)}.json`;
  await writeDurably(join(world.stateDir, file), text);
  return { file, sha256: hash, count: entries.length };
}

export async function recordedEntries(world: World, data: UndoData): Promise<readonly Entry[]> {
  const list = data.entries ?? (await readRecordFile(world, data));
  if (!Array.isArray(list)) throw unreadable('entries');
  return list.map(entryOf);
}

async function readRecordFile(world: World, data: UndoData): Promise<Json> {
  const { file, sha256: expected } = data;
  if (typeof file !== 'string' || file !== basename(file)) throw unreadable('file');
  let bytes: Buffer;
  try {
    bytes = await readFile(join(world.stateDir, file));
  } catch (error) {
    throw lostFile(file, error);
  }
  if (sha256(bytes) !== expected) throw lostFile(file, new Error('its SHA-256 differs from the record'));
  const parsed: Json = JSON.parse(bytes.toString('utf8'));
  return parsed;
}

function entryOf(json: Json): Entry {
  if (!isRecord(json)) throw unreadable('entries');
  const { service, instance, value, leased } = json;
  const texts = typeof service === 'string' && typeof instance === 'string' && typeof value === 'string';
  if (!texts || typeof leased !== 'boolean') throw unreadable('entries');
  return { service, instance, value, leased };
}

const lostFile = (file: string, cause: unknown): WorldError =>
  new WorldError({
    code: 'undo-file-unreadable',
    message: bi(
      `the deleted entries were kept in ${file} of the state folder, but it cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      `被删除的条目保存在状态目录的 ${file} 中，但无法读取：${cause instanceof Error ? cause.message : String(cause)}`,
    ),
    hint: bi('restore the registry from a backup', '请从备份恢复注册中心'),
    cause,
  });
