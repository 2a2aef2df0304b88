/** Numbers, spans and dates for people: explicit locale and zone always, never the machine's. */
import { type Bilingual, bi } from '../../core/text.js';

const UNKNOWN = bi('unknown', '未知');

const numberFormats = new Map<number, Intl.NumberFormat>();

/** Both languages group and point alike, so one text serves both. */
export function formatNumber(value: number, maxDigits = 0): string {
  let format = numberFormats.get(maxDigits);
  if (format === undefined) {
    format = new Intl.NumberFormat('en-GB', { maximumFractionDigits: maxDigits });
    numberFormats.set(maxDigits, format);
  }
  return format.format(value);
}

export const count = (value: number | null): Bilingual =>
  value === null ? UNKNOWN : bi(formatNumber(value), formatNumber(value));

const UNITS = [
  { ms: 86_400_000, en: 'd', zh: '天' },
  { ms: 3_600_000, en: 'h', zh: '小时' },
  { ms: 60_000, en: 'min', zh: '分钟' },
  { ms: 1_000, en: 's', zh: '秒' },
] as const;

/** A span in its two largest units; below a minute as seconds, below a second as milliseconds. */
export function span(durationMs: number | null): Bilingual {
  if (durationMs === null) return UNKNOWN;
  if (durationMs === 0) return unit('0', 's', '秒');
  if (durationMs < 1_000) return unit(formatNumber(durationMs, durationMs < 10 ? 1 : 0), 'ms', '毫秒');
  if (durationMs < 60_000) return unit(formatNumber(durationMs / 1_000, 2), 's', '秒');
  let restMs = Math.round(durationMs / 1_000) * 1_000;
  const parts: Bilingual[] = [];
  for (const size of UNITS) {
    const amount = Math.floor(restMs / size.ms);
    restMs -= amount * size.ms;
    if (amount > 0) parts.push(unit(formatNumber(amount), size.en, size.zh));
  }
  const shown = parts.slice(0, 2);
  return bi(shown.map((part) => part.en).join(' '), shown.map((part) => part.zh).join(' '));
}

const unit = (amount: string, en: string, zh: string): Bilingual => bi(`${amount} ${en}`, `${amount} ${zh}`);

/** A measured span with its error; the error decides how many digits are worth showing. */
export function spanWithError(durationMs: number | null, errorMs: number | null): Bilingual {
  if (durationMs === null || errorMs === null || errorMs === 0) return span(durationMs);
  const error = span(errorMs);
  if (durationMs >= 60_000) {
    const value = span(durationMs);
    return bi(`${value.en} ± ${error.en}`, `${value.zh} ± ${error.zh}`);
  }
  if (durationMs < 1_000) {
    const digits = errorMs < 10 ? 1 : 0;
    return unit(`${formatNumber(durationMs, digits)} ± ${formatNumber(errorMs, digits)}`, 'ms', '毫秒');
  }
  const digits = errorMs < 10 ? 3 : 2;
  return unit(`${formatNumber(durationMs / 1_000, digits)} ± ${formatNumber(errorMs / 1_000, digits)}`, 's', '秒');
}

/** A moment of the run: seconds after its first event. */
export const moment = (atMs: number | null): Bilingual => {
  if (atMs === null) return UNKNOWN;
  const seconds = new Intl.NumberFormat('en-GB', { minimumFractionDigits: 3, maximumFractionDigits: 3 }).format(
    atMs / 1_000,
  );
  return bi(`+${seconds} s`, `+${seconds} 秒`);
};

export const percent = (share: number, digits = 1): string => `${formatNumber(share * 100, digits)} %`;

export function bytes(amount: number): string {
  const steps = ['B', 'KiB', 'MiB', 'GiB'] as const;
  const power = Math.min(steps.length - 1, amount < 1 ? 0 : Math.floor(Math.log2(amount) / 10));
  return `${formatNumber(amount / 1024 ** power, power === 0 ? 0 : 1)} ${steps[power] ?? 'B'}`;
}

export interface Dates {
  /** Date, time and offset. */
  readonly full: (iso: string) => Bilingual;
  /** Time of day to the millisecond. */
  readonly time: (iso: string) => string;
}

/** Intl only moves the moment into the zone; the words are ours, because month names differ between ICU versions. */
export function datesIn(timeZone: string): Dates {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
    hourCycle: 'h23',
    timeZoneName: 'longOffset',
  });
  const partsOf = (iso: string) => {
    const parts = new Map(format.formatToParts(new Date(iso)).map((part) => [part.type, part.value]));
    return (type: Intl.DateTimeFormatPartTypes): string => parts.get(type) ?? '';
  };
  const clock = (part: (type: Intl.DateTimeFormatPartTypes) => string): string =>
    `${part('hour')}:${part('minute')}:${part('second')}`;
  return {
    full: (iso) => {
      const part = partsOf(iso);
      const offset = part('timeZoneName').replace('GMT', 'UTC');
      return bi(
        `${part('year')}-${part('month')}-${part('day')} ${clock(part)} ${offset}`,
        `${part('year')}年${Number(part('month'))}月${Number(part('day'))}日 ${clock(part)} ${offset}`,
      );
    },
    time: (iso) => {
      const part = partsOf(iso);
      return `${clock(part)}.${part('fractionalSecond')}`;
    },
  };
}
