import type { LevelSpec } from '../core/recovery-plan.js';

interface LocalTime {
  readonly year: number;
  /** 1…12 */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

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

function localTime(instantMs: number, timeZone: string): LocalTime {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const parts = new Map(format.formatToParts(instantMs).map(({ type, value }) => [type, Number(value)]));
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  return {
    year: part('year'),
    month: part('month'),
    day: part('day'),
    hour: part('hour'),
    minute: part('minute'),
    second: part('second'),
  };
}

const asUtcMs = (t: LocalTime): number => Date.UTC(t.year, t.month - 1, t.day, t.hour, t.minute, t.second);
const offsetMs = (instantMs: number, timeZone: string): number =>
  asUtcMs(localTime(instantMs, timeZone)) - Math.floor(instantMs / 1000) * 1000;

/** The offset belongs to the instant that is looked for, so the first guess is corrected once. */
function instantOf(local: LocalTime, timeZone: string): number {
  const guessMs = asUtcMs(local) - offsetMs(asUtcMs(local), timeZone);
  return asUtcMs(local) - offsetMs(guessMs, timeZone);
}

function isoIn(instantMs: number, timeZone: string): string {
  const offset = offsetMs(instantMs, timeZone);
  const local = new Date(Math.floor(instantMs / 1000) * 1000 + offset).toISOString().slice(0, 19);
  const minutes = Math.round(Math.abs(offset) / 60_000);
  const pad = (n: number): string => String(n).padStart(2, '0');
  return `${local}${offset < 0 ? '-' : '+'}${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;
}
