import type { VerdictWord } from '../text/verdict-word.js';
import { el, type SvgNode } from './element.js';

/** The large sign of the verdict: the outline alone tells the verdicts apart. Decorative: the word stands beside it. */
export const sign = (verdict: VerdictWord): SvgNode =>
  el(
    'svg',
    { viewBox: '0 0 64 64', class: `sign tone-${verdict.tone}`, 'aria-hidden': 'true' },
    ...SHAPES[verdict.shape],
  );

const stroke = (d: string): SvgNode => el('path', { d, class: 'sign-glyph' });

const SHAPES: Readonly<Record<VerdictWord['shape'], readonly SvgNode[]>> = {
  'circle-check': [el('circle', { cx: 32, cy: 32, r: 29, class: 'sign-body' }), stroke('M 18 33 L 28 43 L 46 22')],
  'octagon-cross': [
    el('polygon', { points: '20,3 44,3 61,20 61,44 44,61 20,61 3,44 3,20', class: 'sign-body' }),
    stroke('M 21 21 L 43 43 M 43 21 L 21 43'),
  ],
  triangle: [
    el('path', { d: 'M 32 4 L 61 58 L 3 58 Z', class: 'sign-body sign-round' }),
    stroke('M 32 23 L 32 39 M 32 48 L 32 49'),
  ],
  'circle-question': [
    el('circle', { cx: 32, cy: 32, r: 29, class: 'sign-body sign-dashed' }),
    stroke('M 23 25 C 23 14 41 14 41 25 C 41 32 32 31 32 39 M 32 47 L 32 48'),
  ],
};
