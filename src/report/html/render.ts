import type { ReportInput } from '../../core/format.js';
import type { Evidence } from '../../core/measurement.js';
import { documentOf } from '../document/document.js';
import { eventLog } from '../document/event-log.js';
import { rangesOf, rangeText } from '../document/evidence.js';
import { BAR_LEGEND } from '../svg/bars.js';
import { gauge } from '../svg/gauge.js';
import { sign } from '../svg/sign.js';
import { TIMELINE_LEGEND } from '../svg/timeline-legend.js';
import { cleanDeep } from '../text/clean.js';
import { formatNumber } from '../text/format.js';
import { packAttempts } from './attempts.js';
import { scriptHash } from './templates.built.js';
import { pageTemplate } from './templates.js';

/** One file, opened from `file://`: no request, and everything readable without its script. */
export function renderHtml(input: ReportInput): string {
  const { result } = input;
  const document = documentOf(input);
  const log = eventLog(input, document.dates);
  const view = cleanDeep({
    title: result.drill.title,
    headline: result.headline,
    document,
    gauge: gauge(result.score),
    sign: sign(document.verdict.word),
    legends: { 'chart-timeline': TIMELINE_LEGEND, 'chart-recovery': BAR_LEGEND },
    log: { rows: log.rows, note: log.note },
    attempts: log.apart.length === 0 ? null : { count: formatNumber(log.apart.length), block: packAttempts(log.apart) },
    scriptHash,
  });
  return pageTemplate()(view, { evidence: evidenceLinks(new Set(log.rows.map((row) => row.seq))) });
}

/** Evidence as links into the event log; a number without a row there is only named. */
const evidenceLinks =
  (anchors: ReadonlySet<number>) =>
  (evidence: Evidence): object => {
    const { shown, more } = rangesOf(evidence);
    return {
      links: shown.map((range) => ({
        text: rangeText(range),
        href: anchors.has(range.from) ? `#e${range.from}` : null,
      })),
      more: more === 0 ? null : formatNumber(more),
    };
  };
