import type { Bilingual } from '../../core/text.js';
import { bi } from '../../core/text.js';
import type { Tone } from '../text/words.js';
import { el, label, type SvgNode } from './element.js';
import { labelWidth, type Scale, scaleOf, shorten, ticksOf } from './scale.js';

export interface Bar {
  readonly title: Bilingual;
  readonly tone: Tone;
  /** Null = not measured. */
  readonly value: number | null;
  readonly error: number | null;
  readonly limit: number | null;
  readonly previous: number | null;
  readonly valueText: Bilingual;
}

export interface BarChart {
  readonly captionId: string;
  /** Records are counted, spans have a time axis. */
  readonly axis: 'span' | 'records';
  readonly bars: readonly Bar[];
}

const WIDTH = 960;
const LEFT = 210;
const ROW = 44;
const TOP = 22;

/** Measured ± error against the target, 1.5 × the target and the drill before. */
export function bars({ captionId, axis, bars: rows }: BarChart): SvgNode {
  const farthest = Math.max(
    1,
    ...rows.flatMap((bar) => [
      bar.value === null ? 0 : bar.value + (bar.error ?? 0),
      (bar.limit ?? 0) * 1.5,
      bar.previous ?? 0,
    ]),
  );
  const scale = scaleOf({ fromMs: 0, toMs: farthest * 1.12, left: LEFT, width: WIDTH - LEFT - 24 });
  const bottom = TOP + rows.length * ROW;
  return el(
    'svg',
    { viewBox: `0 0 ${WIDTH} ${bottom + 30}`, class: 'chart', role: 'img', 'aria-labelledby': captionId },
    ...axisLines({ scale, axis, bottom }),
    ...rows.flatMap((bar, index) => barRow(bar, scale, TOP + index * ROW)),
  );
}

function axisLines(at: {
  readonly scale: Scale;
  readonly axis: BarChart['axis'];
  readonly bottom: number;
}): readonly SvgNode[] {
  // Records share the tick arithmetic: one record is drawn like one second.
  const unit = at.axis === 'records' ? 1_000 : 1;
  const ticks = ticksOf({ fromMs: 0, toMs: at.scale.toMs * unit }, 7);
  return ticks
    .filter((tick) => at.axis === 'span' || Number.isInteger(tick.ms / unit))
    .flatMap((tick) => {
      const x = at.scale.x(tick.ms / unit);
      const text = at.axis === 'records' ? bi(String(tick.ms / unit), String(tick.ms / unit)) : tick.text;
      return [
        el('line', { x1: x, y1: TOP, x2: x, y2: at.bottom, class: 'grid' }),
        ...label({ x, y: at.bottom + 18, class: 'tick' }, text),
      ];
    });
}

function barRow(bar: Bar, scale: Scale, y: number): readonly SvgNode[] {
  const middle = y + ROW / 2;
  return [
    ...label({ x: LEFT - 12, y: middle + 4, class: 'row-label' }, shorten(bar.title, 32)),
    ...(bar.limit === null ? [] : limitLines({ limit: bar.limit, scale, y })),
    ...(bar.value === null ? [] : valueBar({ ...bar, value: bar.value }, scale, middle)),
    ...(bar.previous === null ? [] : [diamond(scale.x(bar.previous), middle)]),
    ...valueLabel(bar, scale, middle),
  ];
}

function valueBar(bar: Bar & { readonly value: number }, scale: Scale, middle: number): readonly SvgNode[] {
  const end = scale.x(bar.value);
  const body = el('rect', {
    x: LEFT,
    y: middle - 8,
    width: Math.max(end - LEFT, 2),
    height: 16,
    class: `bar tone-${bar.tone}`,
  });
  if (bar.error === null || bar.error <= 0) return [body];
  const low = scale.x(Math.max(0, bar.value - bar.error));
  const high = scale.x(bar.value + bar.error);
  return [
    body,
    el('path', {
      d: `M ${low} ${middle - 5} V ${middle + 5} M ${low} ${middle} H ${high} M ${high} ${middle - 5} V ${middle + 5}`,
      class: 'whisker',
    }),
  ];
}

/** Right of the bar, unless a line of the target would run through it. */
function valueLabel(bar: Bar, scale: Scale, middle: number): readonly SvgNode[] {
  const end = bar.value === null ? LEFT : scale.x(bar.value + (bar.error ?? 0));
  const room = scale.left + scale.width - end;
  const fits = room > labelWidth(bar.valueText, 12) + 16;
  return label(
    { x: fits ? end + 10 : end - 10, y: middle - 12, class: fits ? 'bar-value' : 'bar-value bar-value-end' },
    bar.valueText,
  );
}

function limitLines({
  limit,
  scale,
  y,
}: {
  readonly limit: number;
  readonly scale: Scale;
  readonly y: number;
}): readonly SvgNode[] {
  const line = (value: number, name: string): SvgNode =>
    el('line', { x1: scale.x(value), y1: y + 13, x2: scale.x(value), y2: y + ROW - 4, class: name });
  return limit === 0 ? [line(0, 'limit')] : [line(limit, 'limit'), line(limit * 1.5, 'limit-far')];
}

const diamond = (x: number, y: number): SvgNode =>
  el('polygon', { points: `${x},${y - 7} ${x + 6},${y} ${x},${y + 7} ${x - 6},${y}`, class: 'previous' });

/** What the signs in the chart mean, drawn like them. */
export const BAR_LEGEND: readonly { readonly id: string; readonly text: Bilingual; readonly image: SvgNode }[] = [
  {
    id: 'limit',
    text: bi('target', '目标'),
    image: swatch(el('line', { x1: 11, y1: 1, x2: 11, y2: 15, class: 'limit' })),
  },
  {
    id: 'far',
    text: bi('1.5 × target', '1.5 × 目标'),
    image: swatch(el('line', { x1: 11, y1: 1, x2: 11, y2: 15, class: 'limit-far' })),
  },
  {
    id: 'error',
    text: bi('error of the measurement', '测量误差'),
    image: swatch(el('path', { d: 'M 2 4 V 12 M 2 8 H 20 M 20 4 V 12', class: 'whisker' })),
  },
  { id: 'previous', text: bi('previous drill', '上次演练'), image: swatch(diamond(11, 8)) },
];

function swatch(shape: SvgNode): SvgNode {
  return el('svg', { viewBox: '0 0 22 16', class: 'swatch', 'aria-hidden': 'true' }, shape);
}
