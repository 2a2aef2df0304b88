import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { describeError, WorldError } from '../core/errors.js';
import type { Review, ReviewBody, ReviewEntry } from '../core/review.js';
import { bi } from '../core/text.js';
import { type ChainHead, openEntry, type Signature, sealEntry } from './line.js';

export interface ReviewReading {
  /** What is proven: ends before the first line that does not fit. */
  readonly entries: readonly ReviewEntry[];
  readonly head: ChainHead;
  readonly broken: Review['broken'];
  /** Bytes of a last line that was never finished: no entry, and cut off by the next one. */
  readonly tornBytes: number;
}

/** Null = there is none. `anchor` is the hash of the journal's first event, on which the first entry follows. */
export function readReview(path: string, anchor: string): ReviewReading | null {
  if (!existsSync(path)) return null;
  const lines = textOf(path).split('\n');
  const torn = lines.pop() ?? '';
  let head: ChainHead = { seq: 0, hash: anchor };
  const entries: ReviewEntry[] = [];
  for (const line of lines) {
    const opened = openEntry(line, head);
    if (!opened.sound) return { entries, head, broken: { line: head.seq + 1, why: opened.why }, tornBytes: 0 };
    entries.push(opened.entry);
    head = { seq: opened.entry.seq, hash: opened.entry.hash };
  }
  return { entries, head, broken: null, tornBytes: Buffer.byteLength(torn) };
}

/** Adds the bodies as one write and one fsync. The caller holds the lock: nobody else adds meanwhile. */
export function appendReview(
  path: string,
  bodies: readonly ReviewBody[],
  on: { readonly anchor: string; readonly signature: Signature },
): void {
  const before = readReview(path, on.anchor);
  if (before !== null && before.broken !== null) throw changed(path, before.broken);
  let head = before?.head ?? { seq: 0, hash: on.anchor };
  let text = '';
  for (const body of bodies) {
    const line = sealEntry(body, head, on.signature);
    text += line;
    const opened = openEntry(line.trimEnd(), head);
    if (opened.sound) head = { seq: opened.entry.seq, hash: opened.entry.hash };
  }
  try {
    append(path, text, before?.tornBytes ?? 0);
  } catch (error) {
    throw cannot('write', path, error);
  }
}

function append(path: string, text: string, tornBytes: number): void {
  const size = existsSync(path) ? readFileSync(path).byteLength : 0;
  const file = openSync(path, 'a');
  try {
    if (tornBytes > 0) ftruncateSync(file, size - tornBytes);
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw cannot('read', path, error);
  }
}

const changed = (path: string, { line, why }: NonNullable<Review['broken']>): WorldError =>
  new WorldError({
    code: 'review-broken',
    exit: 'missed',
    message: bi(
      `Nothing can be added to the review ${path}: line ${line} ${why.en}.`,
      `无法追加复盘记录 ${path}：第 ${line} 行${why.zh}。`,
    ),
    hint: bi('Put the file back from a copy: it is only ever added to.', '请从副本恢复该文件：它只追加写入。'),
  });

function cannot(what: 'read' | 'write', path: string, error: unknown): WorldError {
  const why = describeError(error);
  return new WorldError({
    code: `review-not-${what === 'read' ? 'readable' : 'writable'}`,
    message: bi(
      `cannot ${what} the review ${path}: ${why.en}`,
      `无法${what === 'read' ? '读取' : '写入'}复盘记录 ${path}：${why.zh}`,
    ),
    cause: error,
  });
}
