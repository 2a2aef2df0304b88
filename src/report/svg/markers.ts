import { type Bilingual, bi } from '../../core/text.js';
import { el, label, type SvgNode } from './element.js';
import { LANE, type Laned } from './lanes.js';
import { type Scale, shorten } from './scale.js';

export interface Marker {
  readonly kind: 'detect' | 'act' | 'recovered' | 'milestone' | 'decide';
  readonly title: Bilingual;
  readonly atMs: number;
}

/** Each kind of mark has its own outline. */
export const SIGNS: Readonly<Record<Marker['kind'], string>> = {
  detect: '-5,-5 5,-5 0,5',
  decide: '0,-6 6,0 0,6 -6,0',
  act: '-5,-5 5,-5 5,5 -5,5',
  recovered: '-5,5 5,5 0,-5',
  milestone: '0,-6 2,-2 6,-1 3,2 4,6 0,4 -4,6 -3,2 -6,-1 -2,-2',
};

/** Drawn before all labels, so that no line runs over a text. */
export function markerLine(
  marker: Laned<Marker>,
  scale: Scale,
  at: { readonly top: number; readonly bandTop: number },
): SvgNode {
  const x = scale.x(marker.atMs);
  return el('line', { x1: x, y1: at.bandTop, x2: x, y2: markerY(marker, at.top), class: 'mark-line' });
}

const markerY = (marker: Laned<Marker>, top: number): number => top + marker.lane * LANE + 8;

export function markerSign(marker: Laned<Marker>, scale: Scale, top: number): readonly SvgNode[] {
  const x = scale.x(marker.atMs);
  const y = markerY(marker, top);
  const text = { x: marker.flip ? x - 10 : x + 10, y: y + 4, class: marker.flip ? 'mark-label flip' : 'mark-label' };
  return [
    el(
      'g',
      { transform: `translate(${x.toFixed(2)} ${y})` },
      el('polygon', { points: SIGNS[marker.kind], class: `mark mark-${marker.kind}` }),
    ),
    ...label(text, shorten(marker.title, 40)),
  ];
}

export const MARK_WORDS: Readonly<Record<Marker['kind'], Bilingual>> = {
  detect: bi('detected', '发现'),
  decide: bi('decided', '决策'),
  act: bi('recovery action', '恢复动作'),
  recovered: bi('recovered', '恢复'),
  milestone: bi('milestone', '里程碑'),
};
