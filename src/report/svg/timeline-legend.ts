import { type Bilingual, bi } from '../../core/text.js';
import type { BandState } from './availability.js';
import { el, type SvgNode } from './element.js';
import { MARK_WORDS, SIGNS } from './markers.js';
import { BAND, BAND_SHAPE } from './timeline.js';

const STATE_WORDS: Readonly<Record<BandState, Bilingual>> = {
  up: bi('up: every attempt succeeded', '正常：全部成功'),
  degraded: bi('degraded: some failed', '降级：部分失败'),
  down: bi('down: none succeeded', '中断：全部失败'),
  none: bi('no samples', '无样本'),
};
/** Swatches of the legend, drawn with the chart's own patterns. */
export const TIMELINE_LEGEND: readonly { readonly text: Bilingual; readonly image: SvgNode }[] = [
  ...(['up', 'degraded', 'down', 'none'] as const).map((state) => ({
    text: STATE_WORDS[state],
    image: el(
      'svg',
      { viewBox: '0 0 26 26', class: 'swatch', 'aria-hidden': 'true' },
      el('rect', {
        x: 0,
        y: BAND_SHAPE[state].inset,
        width: 26,
        height: BAND - 2 * BAND_SHAPE[state].inset,
        class: `band-${state}`,
        fill: BAND_SHAPE[state].fill,
      }),
    ),
  })),
  ...(['detect', 'decide', 'act', 'recovered', 'milestone'] as const).map((kind) => ({
    text: MARK_WORDS[kind],
    image: el(
      'svg',
      { viewBox: '-8 -8 16 16', class: 'swatch', 'aria-hidden': 'true' },
      el('polygon', { points: SIGNS[kind], class: `mark mark-${kind}` }),
    ),
  })),
];
