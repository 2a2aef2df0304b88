/** When backups are planned (seed §3.3), and which planned times lie in a span. */
import { invariant } from './errors.js';
import { instantOf, type LocalTime, localTime } from './local-time.js';

export const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

export interface BackupCalendar {
  readonly timeZone: string;
  /** A backup that ends later than this after its planned time has missed it. */
  readonly graceMs: number;
  /** Slots by name. */
  readonly slots: Readonly<Record<string, BackupSlot>>;
}

export interface BackupSlot {
  readonly type: 'full' | 'incremental';
  readonly days: readonly Weekday[];
  /** 0…23; all of them = every hour. */
  readonly hours: readonly number[];
  readonly minute: number;
  /** How long an archive of this slot is kept. */
  readonly keepMs: number;
}

export interface WorkingHours {
  readonly timeZone: string;
  readonly days: readonly Weekday[];
  /** Minutes after midnight. */
  readonly fromMinute: number;
  readonly toMinute: number;
}

export interface PlannedBackup {
  readonly slot: string;
  readonly atMs: number;
}

type Span = { readonly fromMs: number; readonly toMs: number };

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const HOURS_OF_DAY = 24;

const isHourly = (slot: BackupSlot): boolean => slot.hours.length === HOURS_OF_DAY;

/** Every planned backup with fromMs < time <= toMs (epoch ms), oldest first; slots of the same time in the plan's order. */
export function plannedBackups(calendar: BackupCalendar, span: Span): readonly PlannedBackup[] {
  const found = new Map<string, PlannedBackup>();
  for (const [slot, spec] of Object.entries(calendar.slots)) {
    for (const atMs of isHourly(spec) ? everyHour(calendar, spec, span) : atHours(calendar, spec, span)) {
      // When clocks go forward, two hours of the plan may be the same moment.
      if (atMs > span.fromMs && atMs <= span.toMs) found.set(`${slot} ${atMs}`, { slot, atMs });
    }
  }
  return [...found.values()].sort((a, b) => a.atMs - b.atMs);
}

/** Every real hour: also both of those that have one name when clocks go back. */
function everyHour({ timeZone }: BackupCalendar, { days, minute }: BackupSlot, span: Span): readonly number[] {
  const times: number[] = [];
  for (let ms = Math.floor(span.fromMs / HOUR_MS) * HOUR_MS - HOUR_MS; ms <= span.toMs + HOUR_MS; ms += HOUR_MS) {
    const local = localTime(ms, timeZone);
    // Zones are whole hours apart, or 15 minutes: the step is moved onto the minute of the zone.
    const atMs = ms + (minute - local.minute) * 60_000;
    if (days.includes(weekdayOf(local))) times.push(atMs);
  }
  return times;
}

/** By local days, so that an hour that clocks leave out is still planned: at the moment that takes its place. */
function atHours({ timeZone }: BackupCalendar, { days, hours, minute }: BackupSlot, span: Span): readonly number[] {
  const times: number[] = [];
  const first = localTime(span.fromMs - DAY_MS, timeZone);
  const firstDayMs = Date.UTC(first.year, first.month - 1, first.day);
  for (let dayMs = firstDayMs; dayMs <= span.toMs + 2 * DAY_MS; dayMs += DAY_MS) {
    const day = new Date(dayMs);
    const local = { year: day.getUTCFullYear(), month: day.getUTCMonth() + 1, day: day.getUTCDate(), second: 0 };
    if (!days.includes(weekdayOf(local))) continue;
    times.push(...hours.map((hour) => instantOf({ ...local, hour, minute }, timeZone)));
  }
  return times;
}

function weekdayOf({ year, month, day }: Pick<LocalTime, 'year' | 'month' | 'day'>): Weekday {
  const weekday = WEEKDAYS[new Date(Date.UTC(year, month - 1, day)).getUTCDay()];
  invariant(weekday !== undefined, 'a day without a weekday');
  return weekday;
}
