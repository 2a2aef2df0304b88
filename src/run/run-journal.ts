import type { EventBody, JournalSink } from '../core/journal.js';

/** The journal as the executor writes it: a journal that breaks is told, and never keeps a revert from running. */
export interface RunJournal {
  readonly note: (body: EventBody) => void;
  /** False = the disk refused; `onBroken` was told. */
  readonly flush: () => Promise<boolean>;
  readonly toRunMs: (clockMs: number) => number;
}

export function runJournal(sink: JournalSink, onBroken: (error: unknown) => void): RunJournal {
  return {
    note: (body) => {
      try {
        sink.append(body);
      } catch (error) {
        onBroken(error);
      }
    },
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
