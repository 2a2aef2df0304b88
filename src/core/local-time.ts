/** Wall-clock fields of a time zone, and the instant that has them. */
export interface LocalTime {
  readonly year: number;
  /** 1…12 */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

export function localTime(instantMs: number, timeZone: string): LocalTime {
  const parts = new Map(
    formatFor(timeZone)
      .formatToParts(instantMs)
      .map(({ type, value }) => [type, Number(value)]),
  );
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

const formats = new Map<string, Intl.DateTimeFormat>();

/** Making one takes longer than using it a hundred times, and a calendar asks for every hour of a month. */
function formatFor(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-US', {
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
  formats.set(timeZone, made);
  return made;
}

const asUtcMs = (t: LocalTime): number => Date.UTC(t.year, t.month - 1, t.day, t.hour, t.minute, t.second);

/** Milliseconds to add to UTC to get the zone's wall clock. */
const offsetMs = (instantMs: number, timeZone: string): number =>
  asUtcMs(localTime(instantMs, timeZone)) - Math.floor(instantMs / 1_000) * 1_000;

const DAY_MS = 86_400_000;

/**
 * When the clocks of that zone show this. A time that they show twice is the first; one that they jump over is as long
 * after the jump as it would have been without it (02:30 in the hour that is missing in spring is 03:30).
 */
export function instantOf(local: LocalTime, timeZone: string): number {
  const wallMs = asUtcMs(local);
  const before = offsetMs(wallMs - DAY_MS, timeZone);
  const after = offsetMs(wallMs + DAY_MS, timeZone);
  const shown = [wallMs - before, wallMs - after].filter(
    (instantMs) => instantMs + offsetMs(instantMs, timeZone) === wallMs,
  );
  return shown.length === 0 ? wallMs - before : Math.min(...shown);
}

/** ISO 8601 with the zone's offset, to the second. */
export function isoIn(instantMs: number, timeZone: string): string {
  const offset = offsetMs(instantMs, timeZone);
  const local = new Date(Math.floor(instantMs / 1000) * 1000 + offset).toISOString().slice(0, 19);
  const minutes = Math.round(Math.abs(offset) / 60_000);
  const pad = (n: number): string => String(n).padStart(2, '0');
  return `${local}${offset < 0 ? '-' : '+'}${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;
}

/** A time that a person wrote: with an offset as it is, without one in the zone; a day alone is its end. Null = no time. */
export function readTime(text: string, timeZone: string): number | null {
  const found = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/.exec(
    text.trim(),
  );
  if (found === null) return null;
  const [, year, month, day, hour = '23', minute = '59', second, offset] = found;
  const local = {
    year: Number(year),
    month: Number(month),
    day: Number(day),
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second ?? (found[4] === undefined ? 59 : 0)),
  };
  // Date.UTC turns 31 February into March; such a date is none.
  const real = new Date(asUtcMs(local)).toISOString().startsWith(`${year}-${month}-${day}T${hour}:${minute}`);
  if (!real) return null;
  if (offset === undefined) return instantOf(local, timeZone);
  const [hours = 0, minutes = 0] = offset === 'Z' ? [] : offset.slice(1).split(':').map(Number);
  return asUtcMs(local) - (offset.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}
