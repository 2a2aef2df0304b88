import type { Score } from '../../core/result.js';
import { type Bilingual, bi } from '../../core/text.js';
import { formatNumber } from '../text/format.js';
import { el, label, type SvgNode } from './element.js';

const CENTRE = { x: 120, y: 118 };
const RADIUS = 92;

/** The score on a half circle from 0 to 100 with the pass mark; without a total the arc is dashed and says so. */
export function gauge(score: Score | null): SvgNode {
  const percent = score?.percent ?? null;
  const passMark = score?.passMark ?? null;
  return el(
    'svg',
    { viewBox: '0 0 240 156', class: 'gauge', role: 'img', 'aria-labelledby': 'gauge-caption' },
    el('path', { d: arc(0, 100), class: percent === null ? 'gauge-none' : 'gauge-track' }),
    ...(percent === null || percent <= 0
      ? []
      : [el('path', { d: arc(0, percent), class: needleClass(percent, passMark) })]),
    ...(passMark === null ? [] : passTick(passMark)),
    ...centre(percent),
    el('text', { x: CENTRE.x - RADIUS, y: 140, class: 'gauge-end' }, '0'),
    el('text', { x: CENTRE.x + RADIUS, y: 140, class: 'gauge-end' }, '100'),
  );
}

const needleClass = (percent: number, passMark: number | null): string =>
  passMark !== null && percent >= passMark ? 'gauge-value gauge-good' : 'gauge-value gauge-bad';

function centre(percent: number | null): readonly SvgNode[] {
  const under: Bilingual = percent === null ? bi('no total', '无总分') : bi('of 100 points', '满分 100');
  return [
    el('text', { x: CENTRE.x, y: 106, class: 'gauge-number' }, percent === null ? '–' : formatNumber(percent, 1)),
    ...label({ x: CENTRE.x, y: 128, class: 'gauge-under' }, under),
  ];
}

function passTick(passMark: number): readonly SvgNode[] {
  const inner = at(passMark, RADIUS - 13);
  const outer = at(passMark, RADIUS + 13);
  const text = at(passMark, RADIUS + 23);
  return [
    el('line', { x1: inner.x, y1: inner.y, x2: outer.x, y2: outer.y, class: 'gauge-pass' }),
    el('text', { x: text.x, y: text.y + 4, class: 'gauge-end' }, formatNumber(passMark)),
  ];
}

function at(percent: number, radius: number): { readonly x: number; readonly y: number } {
  const angle = Math.PI * (1 - Math.min(Math.max(percent, 0), 100) / 100);
  return { x: CENTRE.x + radius * Math.cos(angle), y: CENTRE.y - radius * Math.sin(angle) };
}

function arc(from: number, to: number): string {
  const start = at(from, RADIUS);
  const end = at(to, RADIUS);
  const round = (value: number): string => value.toFixed(2);
  return `M ${round(start.x)} ${round(start.y)} A ${RADIUS} ${RADIUS} 0 0 1 ${round(end.x)} ${round(end.y)}`;
}
