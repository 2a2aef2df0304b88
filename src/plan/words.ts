/** Small shapes that several parts of a recovery plan share. */
import { parseDuration } from '../core/duration.js';
import { complain, duration, line, mapped, type Shape, wrongType } from '../core/shape.js';
import { bi } from '../core/text.js';
import { quoted } from '../core/visible-text.js';

export const identifier = line(bi('a name of letters, digits and dashes', '由字母、数字和短横线组成的名称'), {
  pattern: '^[A-Za-z0-9][A-Za-z0-9_-]*$',
  maxLength: 80,
});

export const span = duration();
/** What is kept may be kept for decades. */
export const longSpan = duration({ maxMs: 36_600 * 86_400_000 });

/** A duration, or one of a few words that stand for something that is no fixed span. */
export function durationOr<const W extends string>(
  words: readonly W[],
  spans: Shape<number> = span,
): Shape<number | W> {
  const wanted = bi(`a duration like 30m, or ${words.join(', ')}`, `时长（例如 30m），或 ${words.join('、')}`);
  return {
    get schema() {
      return { anyOf: [{ enum: [...words] }, spans.schema] };
    },
    read: (place) => {
      const known = words.find((name) => name === place.value);
      if (known !== undefined) return known;
      const ms = typeof place.value === 'string' ? parseDuration(place.value) : null;
      return ms === null ? wrongType(place, wanted) : spans.read(place);
    },
  };
}

export const isoDate = mapped(
  line(bi('a date like 2026-01-31', '日期，例如 2026-01-31'), { pattern: '^\\d{4}-\\d{2}-\\d{2}$' }),
  (value, place) => {
    const read = new Date(`${value}T00:00:00Z`);
    const real = !Number.isNaN(read.getTime()) && read.toISOString().startsWith(value);
    return real
      ? value
      : complain(place, bi(`${quoted(value)} is no date of the calendar`, `${quoted(value)}不是真实存在的日期`));
  },
);

const UNIT_BYTES = { B: 1, KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 } as const;
const SIZE_PATTERN = '^\\d+(?:\\.\\d+)?(?:B|KB|MB|GB|TB)$';

/** `10GB` → bytes; a GB is 10^9. */
export const size: Shape<number> = mapped(
  line(bi('a size like 500MB or 10GB', '大小，例如 500MB 或 10GB'), { pattern: SIZE_PATTERN }),
  (value, place) => {
    const unit = Object.entries(UNIT_BYTES).findLast(([name]) => value.endsWith(name));
    const bytes = unit === undefined ? Number.NaN : Math.round(Number.parseFloat(value) * unit[1]);
    return bytes > 0
      ? bytes
      : complain(place, bi(`the size ${quoted(value)} is impossible here`, `大小${quoted(value)}在此处不可能成立`));
  },
);
