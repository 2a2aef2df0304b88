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
export const offsetMs = (instantMs: number, timeZone: string): number =>
  asUtcMs(localTime(instantMs, timeZone)) - Math.floor(instantMs / 1_000) * 1_000;

/** The offset belongs to the instant that is looked for, so the first guess is corrected once. */
export function instantOf(local: LocalTime, timeZone: string): number {
  const guessMs = asUtcMs(local) - offsetMs(asUtcMs(local), timeZone);
  return asUtcMs(local) - offsetMs(guessMs, timeZone);
}
