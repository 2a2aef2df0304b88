/** When drills are due: calendar periods of the plan's zone (seed §8.2, §8.5). */
import { instantOf, localTime } from './local-time.js';
import type { DrillInterval } from './recovery-plan.js';

const MONTHS: Readonly<Record<DrillInterval, number>> = { monthly: 1, quarterly: 3, 'half-yearly': 6, yearly: 12 };

/** From its first moment to the first of the next one; epoch ms. */
export interface Period {
  readonly startMs: number;
  readonly endMs: number;
}

/** The month, quarter, half-year or year that the moment lies in. */
export function periodOf(atMs: number, interval: DrillInterval, timeZone: string): Period {
  const { year, month } = localTime(atMs, timeZone);
  const first = Math.floor((month - 1) / MONTHS[interval]) * MONTHS[interval];
  const midnight = (months: number): number =>
    instantOf(
      { year: year + Math.floor(months / 12), month: (months % 12) + 1, day: 1, hour: 0, minute: 0, second: 0 },
      timeZone,
    );
  return { startMs: midnight(first), endMs: midnight(first + MONTHS[interval]) };
}

/**
 * done: held in this period · due: held in the one before, so it has until the end of this one · overdue: a whole period
 * went by without it, or it was never held.
 */
export type DrillDue =
  | { readonly state: 'done'; readonly byMs: number; readonly lastMs: number }
  | { readonly state: 'due'; readonly byMs: number; readonly lastMs: number }
  | { readonly state: 'overdue'; readonly byMs: number | null; readonly lastMs: number | null };

/** `lastMs` = when a valid drill of the kind last began; null = never. `byMs` = by when the next one has, or had, to be held. */
export function drillDue(
  lastMs: number | null,
  interval: DrillInterval,
  at: { readonly nowMs: number; readonly timeZone: string },
): DrillDue {
  if (lastMs === null) return { state: 'overdue', byMs: null, lastMs: null };
  const held = periodOf(lastMs, interval, at.timeZone);
  const next = periodOf(held.endMs, interval, at.timeZone);
  if (at.nowMs < held.endMs) return { state: 'done', byMs: next.endMs, lastMs };
  return { state: at.nowMs < next.endMs ? 'due' : 'overdue', byMs: next.endMs, lastMs };
}
