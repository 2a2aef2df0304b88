import type { ReportInput } from '../../core/format.js';
import type { JournalEvent } from '../../core/journal.js';
import { type Bilingual, bi } from '../../core/text.js';
import { describeEvent, isTraffic } from '../events/describe.js';
import { type Dates, formatNumber } from '../text/format.js';
import { printedEvidence } from './evidence.js';

export interface EventRow {
  readonly seq: number;
  readonly time: string;
  readonly ms: string;
  readonly type: string;
  readonly text: Bilingual;
}

export interface EventLog {
  readonly rows: readonly EventRow[];
  /** Attempts that have no row: too many for a table. */
  readonly apart: readonly JournalEvent[];
  /** What is listed, and what is where. */
  readonly note: Bilingual;
}

/** Up to so many attempts stand in the table like any other event. */
const MOST_ATTEMPTS_LISTED = 300;
/** A page with more rows opens slowly; the rest stays in the journal, and the note says so. */
const MOST_ROWS = 3_000;

export function eventLog({ result, events }: ReportInput, dates: Dates): EventLog {
  const traffic = events.reduce((total, event) => total + (isTraffic(event) ? 1 : 0), 0);
  const listsAll = traffic <= MOST_ATTEMPTS_LISTED;
  const evidence = printedEvidence(result);
  const chosen = events.filter((event) => listsAll || !isTraffic(event) || evidence.has(event.seq));
  const listed = chosen.slice(0, MOST_ROWS);
  return {
    rows: listed.map((event) => eventRow(event, dates)),
    apart: listsAll ? [] : events.filter(isTraffic),
    note: noteOf({
      events: events.length,
      listed: listed.length,
      traffic,
      listsAll,
      left: chosen.length - listed.length,
    }),
  };
}

const msFormat = new Intl.NumberFormat('en-GB', { minimumFractionDigits: 1, maximumFractionDigits: 1 });

const eventRow = (event: JournalEvent, dates: Dates): EventRow => ({
  seq: event.seq,
  time: dates.time(event.at),
  ms: event.ms === null ? '–' : msFormat.format(event.ms),
  type: event.type,
  text: describeEvent(event),
});

function noteOf(counts: {
  readonly events: number;
  readonly listed: number;
  readonly traffic: number;
  readonly listsAll: boolean;
  readonly left: number;
}): Bilingual {
  const [events, listed, traffic, left] = [counts.events, counts.listed, counts.traffic, counts.left].map((n) =>
    formatNumber(n),
  );
  const apart = counts.listsAll
    ? bi('', '')
    : bi(
        ` The ${traffic} client attempts are listed apart; those that serve as evidence stand here too.`,
        `${traffic} 次客户端尝试另列；其中用作证据的也列于此处。`,
      );
  const cut =
    counts.left === 0
      ? bi('', '')
      : bi(` ${left} more are in journal.jsonl only.`, `另有 ${left} 个只在 journal.jsonl 中。`);
  return bi(
    `${listed} of ${events} events of the journal.${apart.en}${cut.en}`,
    `日志共 ${events} 个事件，此处列出 ${listed} 个。${apart.zh}${cut.zh}`,
  );
}
