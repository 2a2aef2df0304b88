/** Goes through the bytes of a journal line by line, checks each, and stops at the first that does not fit. */
import { closeSync, openSync, readSync } from 'node:fs';
import { WorldError } from '../core/errors.js';
import { JOURNAL_SCHEMA_VERSION, type JournalEvent, type JournalReading } from '../core/journal.js';
import { bi } from '../core/text.js';
import { CHAIN_START, type ChainHead, openLine, parseLine } from './line.js';

export interface Scan {
  readonly head: ChainHead;
  /** Bytes up to the end of the last sound line, its line end included where it has one. */
  readonly soundBytes: number;
  /** The last sound line has no line end: the next one must begin with it. */
  readonly unended: boolean;
  readonly tornBytes: number;
  readonly broken: JournalReading['broken'];
  readonly cut: boolean;
}

interface Line {
  readonly bytes: Buffer;
  /** False for what stands after the last line end. */
  readonly ended: boolean;
}

/** Calls `onEvent` for every sound line in order. Throws WorldError for a file that is no journal, or a newer one. */
export function scanJournal(
  chunks: Iterable<Buffer>,
  options: { readonly name: string; readonly onEvent: (event: JournalEvent) => void },
): Scan {
  let head = CHAIN_START;
  let soundBytes = 0;
  let unended = false;
  let goesOn = true;
  for (const line of linesOf(chunks)) {
    if (head.seq === 0) refuseForeign(line, options.name);
    const opened = openLine(line.bytes, head);
    if (!opened.sound) {
      const torn = isTorn(line, head);
      const broken = torn ? null : { line: head.seq + 1, why: opened.why };
      return { head, soundBytes, unended, tornBytes: torn ? line.bytes.length : 0, broken, cut: true };
    }
    const { event } = opened;
    head = { seq: event.seq, hash: event.hash };
    soundBytes += line.bytes.length + (line.ended ? 1 : 0);
    unended = !line.ended;
    goesOn = goesOnAfter(event, goesOn);
    options.onEvent(event);
  }
  return { head, soundBytes, unended, tornBytes: 0, broken: null, cut: goesOn };
}

/** A failed output can only be told after the end, and does not reopen the run. */
const goesOnAfter = (event: JournalEvent, before: boolean): boolean =>
  event.type === 'output.failed' ? before : event.type !== 'run.ended' && event.type !== 'recover.ended';

/** A write that was interrupted leaves the beginning of a line; a whole line and one byte more was tampered with. */
const isTorn = (line: Line, head: ChainHead): boolean =>
  !line.ended && !openLine(line.bytes.subarray(0, -1), head).sound;

function* linesOf(chunks: Iterable<Buffer>): Generator<Line> {
  let rest: readonly Buffer[] = [];
  for (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
      const piece = chunk.subarray(from, end);
      yield { bytes: rest.length === 0 ? piece : Buffer.concat([...rest, piece]), ended: true };
      rest = [];
      from = end + 1;
    }
    if (from < chunk.length) rest = [...rest, chunk.subarray(from)];
  }
  if (rest.length > 0) yield { bytes: Buffer.concat(rest), ended: false };
}

const CHUNK_BYTES = 128 * 1024;

/** The bytes of a file in pieces; the file may be far larger than memory. */
export function* chunksOf(path: string): Generator<Buffer> {
  const fd = openSync(path, 'r');
  try {
    for (;;) {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      const bytes = readSync(fd, chunk, 0, CHUNK_BYTES, null);
      if (bytes === 0) return;
      yield chunk.subarray(0, bytes);
    }
  } finally {
    closeSync(fd);
  }
}

/** Tells a damaged journal (which is reported with its line) from a file that never was one. */
function refuseForeign(line: Line, name: string): void {
  const start = line.bytes.toString('utf8', 0, 200);
  const looksLikeOne = /^\{"seq":\d/.test(start) || start.includes('"type":"run.opened"');
  const beginsLikeOne = !line.ended && '{"seq":1,'.startsWith(start);
  if (!looksLikeOne && !beginsLikeOne) {
    throw new WorldError({
      code: 'not-a-journal',
      message: bi(`${name} is not a journal of Firedrill.`, `${name} 不是 Firedrill 的日志。`),
    });
  }
  const version = schemaVersionOf(parseLine(line.bytes));
  if (version > JOURNAL_SCHEMA_VERSION) {
    throw new WorldError({
      code: 'journal-too-new',
      message: bi(
        `${name} has schemaVersion ${version}, and this Firedrill reads up to ${JOURNAL_SCHEMA_VERSION}: use a newer Firedrill.`,
        `${name} 的 schemaVersion 为 ${version}，当前 Firedrill 最高支持 ${JOURNAL_SCHEMA_VERSION}：请使用更新的版本。`,
      ),
    });
  }
}

function schemaVersionOf(event: unknown): number {
  if (typeof event !== 'object' || event === null || !('schemaVersion' in event)) return JOURNAL_SCHEMA_VERSION;
  return Number(event.schemaVersion);
}
