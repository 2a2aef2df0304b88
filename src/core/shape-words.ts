/** Shapes of single words that a drill and a recovery plan share. */
import { complain, type JsonSchema, line, mapped, type Shape, wrongType } from './shape.js';
import { list } from './shape-object.js';
import { bi } from './text.js';
import { quoted } from './visible-text.js';

export const word = line(bi('a text', '文本'));

/** A program and its arguments: never a shell of ours. */
export const argv = list(word, bi('a list: the program and its arguments', '列表：程序及其参数'), 1);

const PERCENT_PATTERN = '^\\d+(?:\\.\\d+)?%$';
const percentSchema: JsonSchema = { type: 'string', pattern: PERCENT_PATTERN, examples: ['99%'] };

/** `99%` → 99; null when the text is no percentage from 0 to 100. */
export function parsePercent(value: unknown): number | null {
  if (typeof value !== 'string' || !new RegExp(PERCENT_PATTERN).test(value)) return null;
  const percent = Number.parseFloat(value);
  return percent <= 100 ? percent : null;
}

/** `99%` → 0.99. */
export const share: Shape<number> = {
  schema: percentSchema,
  read: (place) => {
    const percent = parsePercent(place.value);
    return percent !== null && percent > 0
      ? Number((percent / 100).toPrecision(15)) // 99.99 / 100 is 0.9998999999999999
      : wrongType(place, bi('a percentage above 0 like 99%', '大于 0 的百分比，例如 99%'));
  },
};

/** An IANA time zone that this machine knows. */
export const timeZone: Shape<string> = mapped(word, (value, place) =>
  isTimeZone(value)
    ? value
    : complain(
        place,
        bi(`${quoted(value)} is no time zone`, `${quoted(value)}不是时区`),
        bi('a name of the IANA list, such as Asia/Shanghai or UTC', 'IANA 时区名，例如 Asia/Shanghai 或 UTC'),
      ),
);

function isTimeZone(value: string): boolean {
  if (!/^[A-Za-z]/.test(value)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: value });
    return true;
  } catch {
    // RangeError is Intl's way of saying no.
    return false;
  }
}
