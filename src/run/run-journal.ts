import type { EventBody, JournalEvent, JournalSink } from '../core/journal.js';

/** The journal as the executor writes it: a journal that breaks is told, and never keeps a revert from running. */
export interface RunJournal {
  /** The event as written; null = the journal is broken. */
  readonly note: (body: EventBody) => JournalEvent | null;
  /** What was noted so far, without what the canary clients write themselves. */
  readonly noted: () => readonly JournalEvent[];
  /** False = the disk refused; `onBroken` was told. */
  readonly flush: () => Promise<boolean>;
  readonly toRunMs: (clockMs: number) => number;
}

export function runJournal(sink: JournalSink, onBroken: (error: unknown) => void): RunJournal {
  const noted: JournalEvent[] = [];
  return {
    note: (body) => {
      try {
        const event = sink.append(body);
        noted.push(event);
        return event;
      } catch (error) {
        onBroken(error);
        return null;
      }
    },
    noted: () => noted,
    flush: async () => {
      try {
        await sink.flush();
        return true;
      } catch (error) {
        onBroken(error);
        return false;
      }
    },
    toRunMs: sink.toRunMs,
  };
}
