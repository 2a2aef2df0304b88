import { WorldError } from '../core/errors.js';
import type { JournalEvent, JournalReading } from '../core/journal.js';
import { type Bilingual, bi } from '../core/text.js';
import { chunksOf, type Scan, scanJournal } from './scan.js';

/** Reads and checks a journal file. `events` holds what is proven: it ends before the first line that does not fit. */
export const readJournal = (path: string): JournalReading => reading((onEvent) => scanFile(path, onEvent));

/** `readJournal` of a text that is in memory already. */
export const parseJournal = (text: string): JournalReading =>
  reading((onEvent) => scanJournal([Buffer.from(text, 'utf8')], { name: 'the text', onEvent }));

export interface JournalVerdict {
  /** Every line is as it was written. A journal that was cut off can be sound: see `cut`. */
  readonly sound: boolean;
  readonly events: number;
  readonly cut: boolean;
  readonly broken: { readonly line: number; readonly why: Bilingual } | null;
}

/** Checks every line without keeping any. */
export function verifyJournal(path: string): JournalVerdict {
  const { head, cut, broken } = scanFile(path, () => undefined);
  return { sound: broken === null, events: head.seq, cut, broken };
}

function reading(scan: (onEvent: (event: JournalEvent) => void) => Scan): JournalReading {
  const events: JournalEvent[] = [];
  const { tornBytes, cut, broken } = scan((event) => events.push(event));
  return { events, tornBytes, cut, broken };
}

/** Scans a file; a file that cannot be read is told as such. */
export function scanFile(path: string, onEvent: (event: JournalEvent) => void): Scan {
  try {
    return scanJournal(chunksOf(path), { name: path, onEvent });
  } catch (error) {
    if (!(error instanceof Error) || !('syscall' in error)) throw error;
    throw new WorldError({
      code: 'journal-unreadable',
      message: bi(`The journal ${path} cannot be read: ${error.message}.`, `无法读取日志 ${path}：${error.message}。`),
      cause: error,
    });
  }
}
