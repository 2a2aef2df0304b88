import type { Bilingual } from '../../core/text.js';
import type { Mark } from '../text/words.js';
import { el, label, type SvgNode } from './element.js';
import { type Scale, scaleOf, shorten, ticksOf } from './scale.js';

export interface GanttRow {
  readonly title: Bilingual;
  readonly phase: Bilingual;
  readonly mark: Mark;
  readonly startMs: number | null;
  readonly endMs: number | null;
  readonly expectMs: number | null;
}

const WIDTH = 960;
const LEFT = 262;
const ROW = 24;
const TOP = 10;

/** Steps in the order they began: outline = planned, filled = what it took. Steps that never began have no bar. */
export function gantt(chart: { readonly captionId: string; readonly rows: readonly GanttRow[] }): SvgNode {
  const moments = chart.rows.flatMap((row) =>
    row.startMs === null ? [] : [row.startMs, row.endMs ?? row.startMs, row.startMs + (row.expectMs ?? 0)],
  );
  const fromMs = Math.min(...moments, 0);
  const scale = scaleOf({ fromMs, toMs: Math.max(...moments, fromMs + 1), left: LEFT, width: WIDTH - LEFT - 24 });
  const bottom = TOP + chart.rows.length * ROW;
  return el(
    'svg',
    { viewBox: `0 0 ${WIDTH} ${bottom + 26}`, class: 'chart', role: 'img', 'aria-labelledby': chart.captionId },
    ...ticksOf(scale, 8).flatMap((tick) => [
      el('line', { x1: scale.x(tick.ms), y1: TOP, x2: scale.x(tick.ms), y2: bottom, class: 'grid' }),
      ...label({ x: scale.x(tick.ms), y: bottom + 18, class: 'tick' }, tick.text),
    ]),
    ...chart.rows.flatMap((row, index) =>
      ganttRow(row, scale, { y: TOP + index * ROW, before: chart.rows[index - 1] }),
    ),
  );
}

function ganttRow(
  row: GanttRow,
  scale: Scale,
  at: { readonly y: number; readonly before: GanttRow | undefined },
): readonly SvgNode[] {
  const middle = at.y + ROW / 2;
  const isNewPhase = row.phase.en !== at.before?.phase.en;
  return [
    ...(isNewPhase
      ? [
          el('line', { x1: 0, y1: at.y, x2: WIDTH, y2: at.y, class: 'phase-edge' }),
          ...label({ x: 0, y: middle + 4, class: 'phase-name' }, row.phase),
        ]
      : []),
    ...label({ x: LEFT - 28, y: middle + 4, class: 'row-label' }, shorten(row.title, 28)),
    el('text', { x: LEFT - 14, y: middle + 4, class: `mark-glyph tone-${row.mark.tone}` }, row.mark.icon),
    ...ganttBars(row, scale, middle),
  ];
}

function ganttBars(row: GanttRow, scale: Scale, middle: number): readonly SvgNode[] {
  if (row.startMs === null) return [];
  const x = scale.x(row.startMs);
  const planned =
    row.expectMs === null
      ? []
      : [
          el('rect', {
            x,
            y: middle - 8,
            width: Math.max(scale.x(row.startMs + row.expectMs) - x, 2),
            height: 16,
            class: 'planned',
          }),
        ];
  const end = scale.x(row.endMs ?? scale.toMs);
  const openEnd = row.endMs === null ? ' open-end' : '';
  return [
    ...planned,
    el('rect', {
      x,
      y: middle - 5,
      width: Math.max(end - x, 2),
      height: 10,
      class: `bar tone-${row.mark.tone}${openEnd}`,
    }),
  ];
}
