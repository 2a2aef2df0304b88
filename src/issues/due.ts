import { instantOf, isoIn, type LocalTime, localTime } from '../core/local-time.js';
import type { LevelSpec } from '../core/recovery-plan.js';

/** End of the run plus the level's deadline, as ISO 8601 with the zone's offset; null = no deadline or no end known. */
export function dueAt(endedAt: string, deadline: LevelSpec['deadline'], timeZone: string): string | null {
  const endMs = Date.parse(endedAt);
  if (Number.isNaN(endMs)) return null;
  switch (deadline.kind) {
    case 'none':
      return null;
    case 'span':
      return isoIn(endMs + deadline.ms, timeZone);
    case 'month':
      return isoIn(instantOf(nextMonth(localTime(endMs, timeZone)), timeZone), timeZone);
  }
}

/** The same day of the next month, or that month's last day. */
function nextMonth(local: LocalTime): LocalTime {
  const year = local.month === 12 ? local.year + 1 : local.year;
  const month = (local.month % 12) + 1;
  const lastDay = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return { ...local, year, month, day: Math.min(local.day, lastDay) };
}
