import type { Bilingual } from '../../core/text.js';
import { labelWidth, type Scale } from './scale.js';

export const LANE = 18;

export type Laned<T> = T & { readonly lane: number; readonly flip: boolean };

/** Puts labels that would overlap on lanes below each other; one that would leave the page is written to the left. */
export function inLanes<T extends { readonly title: Bilingual; readonly fromMs: number; readonly reach: number }>(
  items: readonly T[],
  scale: Scale,
): readonly Laned<T>[] {
  const ends: number[] = [];
  return [...items]
    .sort((a, b) => a.fromMs - b.fromMs)
    .map((item) => {
      const at = scale.x(item.fromMs);
      const width = labelWidth(item.title) + 18;
      const flip = at + width > scale.left + scale.width;
      const start = flip ? at - width : at - 6;
      const free = ends.findIndex((end) => end <= start);
      const lane = free === -1 ? ends.length : free;
      ends[lane] = Math.max(item.reach + 4, flip ? at + 8 : at + width);
      return { ...item, lane, flip };
    });
}

export const laneCount = (items: readonly { readonly lane: number }[]): number =>
  items.reduce((most, item) => Math.max(most, item.lane + 1), 0);
