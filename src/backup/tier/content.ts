/** What a store holds of ours, told by labels alone: no archive is read or decrypted. */
import { buffer } from 'node:stream/consumers';
import { type ArchiveLabel, labelName, parseLabel, plainName } from '../../core/archive-label.js';
import { inParallel } from '../../core/parallel.js';
import type { HeldBefore } from '../../core/services.js';
import type { Store, StoredFile } from '../../core/store.js';
import { type Bilingual, bi } from '../../core/text.js';
import { isArchive } from '../names.js';

export interface StoreContent {
  /** With a sound label beside them and as many bytes as it says; newest first. */
  readonly archives: readonly ArchiveLabel[];
  /** Labels without their archive: a prune was killed between the two, or somebody took it away. Newest first. */
  readonly orphans: readonly ArchiveLabel[];
  /** What looks like ours and is no backup. */
  readonly unusable: readonly { readonly file: string; readonly why: Bilingual }[];
  /** Somebody else's. */
  readonly others: readonly string[];
}

const LABEL_SUFFIX = '.json';
const READS_AT_ONCE = 8;

/** A file that Firedrill could have put there: an archive, or the label of one. */
export const isOurs = (file: string): boolean =>
  isArchive(file.endsWith(LABEL_SUFFIX) ? file.slice(0, -LABEL_SUFFIX.length) : file);

export async function contentOf(store: Store, signal?: AbortSignal): Promise<StoreContent> {
  const files = await store.list(signal);
  const bytesOf = new Map(files.map(({ file, bytes }) => [file, bytes]));
  const ours = files.filter(({ file }) => isOurs(file));
  const labels = ours.filter(({ file }) => file.endsWith(LABEL_SUFFIX));
  const readings = await inParallel(labels, READS_AT_ONCE, (file) => readLabel(store, file, signal));
  const sound = readings.flatMap((reading) => (reading.label === null ? [] : [reading.label])).sort(newestFirst);
  const whole = sound.filter(({ file, bytes }) => bytesOf.get(file) === bytes);
  const lost = sound.filter(({ file }) => !bytesOf.has(file));
  const labelled = new Set(whole.map(({ file }) => file));
  const bare = ours.filter(({ file }) => !file.endsWith(LABEL_SUFFIX) && !labelled.has(file));
  return {
    archives: whole,
    orphans: lost,
    unusable: [
      ...readings.flatMap(({ file, label, why }) => (label === null ? [{ file, why }] : [])),
      ...bare.map(({ file, bytes }) => ({ file, why: whyNot(sound, file, bytes) })),
      ...lost.map(({ file }) => ({
        file,
        why: bi('its label is here, the archive is missing', '标签在，备份文件缺失'),
      })),
    ],
    others: files.filter(({ file }) => !isOurs(file)).map(({ file }) => file),
  };
}

/** By the newest archive of the store that tells by its label; null = there is no archive. */
export async function newestHeld(store: Store): Promise<HeldBefore | null> {
  const { archives, unusable } = await contentOf(store);
  const [newest] = archives;
  if (newest !== undefined) {
    const { instances, content_hash: contentHash } = newest.state;
    return { file: newest.file, state: { instances, contentHash } };
  }
  const silent = unusable.find(({ file }) => isArchive(file));
  return silent === undefined ? null : { file: silent.file, state: null };
}

/** Of the same second, the one with the higher number is newer. */
function newestFirst(a: ArchiveLabel, b: ArchiveLabel): number {
  const byTime = Date.parse(b.backup_time_utc) - Date.parse(a.backup_time_utc);
  return byTime === 0 ? plainName(b.file).localeCompare(plainName(a.file), 'en', { numeric: true }) : byTime;
}

interface Reading {
  readonly file: string;
  readonly label: ArchiveLabel | null;
  readonly why: Bilingual;
}

/** Larger is no label of ours. */
const MAX_LABEL_BYTES = 64 * 1024;

async function readLabel(store: Store, { file, bytes }: StoredFile, signal?: AbortSignal): Promise<Reading> {
  if (bytes > MAX_LABEL_BYTES) return unusable(file, `it has ${bytes} bytes`);
  const text = (await buffer(store.read(file, signal === undefined ? {} : { signal }))).toString('utf8');
  try {
    const label = parseLabel(text);
    if (labelName(label.file) !== file) return unusable(file, `it is the label of ${label.file}`);
    return { file, label, why: bi('', '') };
  } catch (error) {
    return unusable(file, error instanceof Error ? error.message : String(error));
  }
}

const unusable = (file: string, why: string): Reading => ({
  file,
  label: null,
  why: bi(`a label that is not usable: ${why}`, `标签不可用：${why}`),
});

function whyNot(labels: readonly ArchiveLabel[], file: string, bytes: number): Bilingual {
  const label = labels.find((one) => one.file === file);
  if (label === undefined)
    return bi('no label: a copy that is not finished, or an older archive', '没有标签：尚未完成的复制，或较早的备份');
  return bi(
    `it has ${bytes} bytes, its label says ${label.bytes}`,
    `它有 ${bytes} 字节，标签记录为 ${label.bytes} 字节`,
  );
}
