import { cells } from '../../core/cells.js';
import { type Bilingual, bi } from '../../core/text.js';
import { formatNumber } from '../text/format.js';

/** A linear axis of the run's time: milliseconds → x. */
export interface Scale {
  readonly fromMs: number;
  readonly toMs: number;
  readonly left: number;
  readonly width: number;
  readonly x: (ms: number) => number;
}

export function scaleOf(range: {
  readonly fromMs: number;
  readonly toMs: number;
  readonly left: number;
  readonly width: number;
}): Scale {
  const spanMs = Math.max(range.toMs - range.fromMs, 1);
  return {
    ...range,
    x: (ms) => range.left + (Math.min(Math.max(ms, range.fromMs), range.toMs) - range.fromMs) * (range.width / spanMs),
  };
}

const STEPS_S = [
  0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 21_600, 86_400,
];

export interface Tick {
  readonly ms: number;
  readonly text: Bilingual;
}

/** At most `most` round marks between the ends; in seconds, minutes or hours, whichever the step is. */
export function ticksOf({ fromMs, toMs }: Pick<Scale, 'fromMs' | 'toMs'>, most = 9): readonly Tick[] {
  const spanS = (toMs - fromMs) / 1_000;
  const stepS = STEPS_S.find((step) => spanS / step <= most) ?? Math.ceil(spanS / most / 86_400) * 86_400;
  const first = Math.ceil(fromMs / 1_000 / stepS);
  const last = Math.floor(toMs / 1_000 / stepS);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => {
    const seconds = (first + index) * stepS;
    return { ms: seconds * 1_000, text: tickText(seconds, stepS) };
  });
}

function tickText(seconds: number, stepS: number): Bilingual {
  if (stepS >= 3_600) return bi(`${formatNumber(seconds / 3_600, 1)} h`, `${formatNumber(seconds / 3_600, 1)} 小时`);
  if (stepS >= 60) return bi(`${formatNumber(seconds / 60, 1)} min`, `${formatNumber(seconds / 60, 1)} 分钟`);
  return bi(`${formatNumber(seconds, 2)} s`, `${formatNumber(seconds, 2)} 秒`);
}

/** Width of a label in the chart's units; a Chinese character is two cells wide. */
export const labelWidth = (text: Bilingual, fontSize = 11): number =>
  Math.max(cells(text.en), cells(text.zh)) * fontSize * 0.56;

/** Cut to so many cells; the full text stands in the table beside the chart. */
export function shorten(text: Bilingual, maxCells: number): Bilingual {
  return bi(cut(text.en, maxCells), cut(text.zh, maxCells));
}

function cut(text: string, maxCells: number): string {
  if (cells(text) <= maxCells) return text;
  let kept = '';
  for (const { segment } of new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text)) {
    if (cells(kept + segment) > maxCells - 1) break;
    kept += segment;
  }
  return `${kept.trimEnd()}…`;
}
