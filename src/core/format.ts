import type { JournalEvent } from './journal.js';
import type { Result } from './result.js';

/** What a renderer gets: every number of the page is in `result` or in an event of the log. */
export interface ReportInput {
  readonly result: Result;
  readonly events: readonly JournalEvent[];
}

/** One report format: one file of the run folder. A pure function; the same input gives the same bytes. */
export interface Format {
  readonly name: string;
  readonly fileName: string;
  readonly render: (input: ReportInput) => string;
}
