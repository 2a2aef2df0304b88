import type { EventOf } from '../../core/journal.js';
import type { Run } from '../context.js';

/** The newest number that a probe has read in this run, whatever step or phase asked for it. */
export interface Reading {
  readonly value: number;
  readonly seq: number;
}

export function newestReading(run: Run, probe: string): Reading | null {
  const read = run.journal
    .noted()
    .findLast(
      (event): event is EventOf<'check.sampled'> =>
        event.type === 'check.sampled' && event.probe === probe && typeof event.value === 'number',
    );
  return typeof read?.value === 'number' ? { value: read.value, seq: read.seq } : null;
}
