import type { Bilingual } from '../../core/text.js';
import { bi } from '../../core/text.js';
import { type Band, type BandState, thinned } from './availability.js';
import { el, label, type SvgNode } from './element.js';
import { inLanes, LANE, type Laned, laneCount } from './lanes.js';
import { type Marker, markerLine, markerSign } from './markers.js';
import { labelWidth, type Scale, scaleOf, shorten, ticksOf } from './scale.js';

export interface TimelineChart {
  readonly captionId: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly phases: readonly Window[];
  readonly faults: readonly Window[];
  readonly operations: readonly { readonly title: Bilingual; readonly bands: readonly Band[] }[];
  readonly markers: readonly Marker[];
}
export interface Window {
  readonly title: Bilingual;
  readonly fromMs: number;
  readonly toMs: number;
}
const WIDTH = 960;
const LEFT = 92;
export const BAND = 26;
export const MOST_BANDS = 240;

/** The centre of the report: what clients felt, under what was broken, beside what was done about it. */
export function timeline(chart: TimelineChart): SvgNode {
  const scale = scaleOf({ fromMs: chart.fromMs, toMs: chart.toMs, left: LEFT, width: WIDTH - LEFT - 20 });
  const faults = inLanes(
    chart.faults.map((fault) => ({ ...fault, reach: scale.x(fault.toMs) })),
    scale,
  );
  const markers = inLanes(
    chart.markers.map((marker) => ({ ...marker, fromMs: marker.atMs, reach: scale.x(marker.atMs) })),
    scale,
  );
  const faultTop = 28;
  const bandTop = faultTop + Math.max(1, laneCount(faults)) * LANE + 8;
  const markerTop = bandTop + chart.operations.length * (BAND + 8) + 4;
  const bottom = markerTop + Math.max(1, laneCount(markers)) * LANE + 4;
  return el(
    'svg',
    {
      viewBox: `0 0 ${WIDTH} ${bottom + 24}`,
      class: 'chart timeline',
      role: 'img',
      'aria-labelledby': chart.captionId,
    },
    patterns(),
    ...axis(scale, bottom),
    ...phaseRow(chart.phases, scale, bottom),
    ...faults.flatMap((fault) => faultWindow(fault, scale, { top: faultTop, bandTop, bottom: markerTop - 4 })),
    ...chart.operations.flatMap((row, index) => operationRow(row, scale, bandTop + index * (BAND + 8))),
    ...rowTitle(bi('faults', '故障'), faultTop + 12),
    ...(markers.length === 0 ? [] : rowTitle(bi('marks', '标记'), markerTop + 12)),
    ...markers.map((marker) => markerLine(marker, scale, { top: markerTop, bandTop })),
    ...markers.flatMap((marker) => markerSign(marker, scale, markerTop)),
  );
}

const rowTitle = (text: Bilingual, y: number): readonly SvgNode[] =>
  label({ x: LEFT - 10, y, class: 'row-label' }, text);

function axis(scale: Scale, bottom: number): readonly SvgNode[] {
  return ticksOf(scale).flatMap((tick) => {
    const x = scale.x(tick.ms);
    return [
      el('line', { x1: x, y1: 22, x2: x, y2: bottom, class: 'grid' }),
      ...label({ x, y: bottom + 16, class: 'tick' }, tick.text),
    ];
  });
}

function phaseRow(phases: readonly Window[], scale: Scale, bottom: number): readonly SvgNode[] {
  return phases.flatMap((phase, index) => {
    const x = scale.x(phase.fromMs);
    const width = Math.max(scale.x(phase.toMs) - x, 1);
    const band = el('rect', { x, y: 2, width, height: 18, class: index % 2 === 0 ? 'phase' : 'phase phase-odd' });
    const edge = el('line', { x1: x, y1: 2, x2: x, y2: bottom, class: 'phase-edge' });
    const fits = labelWidth(phase.title) + 8 < width;
    return [band, edge, ...(fits ? label({ x: x + width / 2, y: 15, class: 'phase-label' }, phase.title) : [])];
  });
}

function faultWindow(
  fault: Laned<Window>,
  scale: Scale,
  at: { readonly top: number; readonly bandTop: number; readonly bottom: number },
): readonly SvgNode[] {
  const x = scale.x(fault.fromMs);
  const width = Math.max(scale.x(fault.toMs) - x, 2);
  const y = at.top + fault.lane * LANE;
  const text = { x: fault.flip ? x - 6 : x + 6, y: y + 12, class: fault.flip ? 'fault-label flip' : 'fault-label' };
  return [
    el('rect', { x, y, width, height: at.bottom - y, class: 'fault-shade' }),
    el('rect', { x, y, width, height: LANE - 3, class: 'fault-bar' }),
    ...label(text, shorten(fault.title, 40)),
  ];
}

function operationRow(row: TimelineChart['operations'][number], scale: Scale, y: number): readonly SvgNode[] {
  return [
    ...rowTitle(row.title, y + 17),
    ...thinned(row.bands, MOST_BANDS).map((band) => {
      const x = scale.x(band.fromMs);
      const width = Math.max(scale.x(band.toMs) - x, band.state === 'up' || band.state === 'none' ? 0.5 : 2);
      const shape = BAND_SHAPE[band.state];
      return el('rect', {
        x,
        y: y + shape.inset,
        width,
        height: BAND - 2 * shape.inset,
        class: `band-${band.state}`,
        fill: shape.fill,
      });
    }),
  ];
}

/** The states differ in height and pattern as well as in colour. */
export const BAND_SHAPE: Readonly<Record<BandState, { readonly inset: number; readonly fill: string }>> = {
  up: { inset: 8, fill: 'url(#band-up)' },
  degraded: { inset: 4, fill: 'url(#band-degraded)' },
  down: { inset: 0, fill: 'url(#band-down)' },
  none: { inset: 10, fill: 'url(#band-none)' },
};

function patterns(): SvgNode {
  const pattern = (state: BandState, ...shapes: readonly SvgNode[]): SvgNode =>
    el(
      'pattern',
      { id: `band-${state}`, width: 8, height: 8, patternUnits: 'userSpaceOnUse' },
      el('rect', { width: 8, height: 8, class: `fill-${state}` }),
      ...shapes,
    );
  return el(
    'defs',
    {},
    pattern('up'),
    pattern('degraded', el('path', { d: 'M -2 2 L 2 -2 M 0 8 L 8 0 M 6 10 L 10 6', class: 'hatch' })),
    pattern('down', el('path', { d: 'M 0 0 L 8 8 M 8 0 L 0 8', class: 'hatch' })),
    pattern('none', el('circle', { cx: 4, cy: 4, r: 1, class: 'dot' })),
  );
}
