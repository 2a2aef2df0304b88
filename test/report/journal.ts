/** A journal by hand: numbers the events, places them in time, and chains plausible hashes. */
import { createHash } from 'node:crypto';
import type { EventBody, JournalEvent } from '../../src/core/journal.js';

const START = Date.parse('2026-11-22T10:15:00.000Z');

export interface Story {
  readonly at: (ms: number, body: EventBody) => void;
  /** Events in order of time; `seq` counts from 1. */
  readonly events: () => readonly JournalEvent[];
}

export function story(): Story {
  const told: { ms: number; body: EventBody }[] = [];
  return {
    at: (ms, body) => {
      told.push({ ms, body });
    },
    events: () => {
      let prev = '0'.repeat(64);
      return [...told]
        .sort((a, b) => a.ms - b.ms)
        .map(({ ms, body }, index) => {
          const stamp = { seq: index + 1, at: new Date(START + ms).toISOString(), ms, prev };
          const hash = createHash('sha256').update(`${prev}${stamp.seq}${body.type}`).digest('hex');
          prev = hash;
          return { ...body, ...stamp, hash };
        });
    },
  };
}

/** Evidence: numbers of the events that a test picks. */
export const seqsOf = (events: readonly JournalEvent[], pick: (event: JournalEvent) => boolean): readonly number[] =>
  events.filter(pick).map((event) => event.seq);
