import type { Tolerance } from '../core/drill.js';
import { parseDuration } from '../core/duration.js';
import type { Probe } from '../core/probe.js';
import { complain, inside, isMapValue, type Place, type Shape, wrongType } from '../core/shape.js';
import { objectSchema, optional } from '../core/shape-object.js';
import { type Bilingual, bi } from '../core/text.js';
import { quoted } from '../core/visible-text.js';
import { parsePercent, scalar } from './words.js';

type Amount = Omit<Extract<Tolerance, { readonly op: 'atLeast' | 'atMost' }>, 'op'>;

const AMOUNT_WORDS = bi(
  'a number, a percentage like 99% or a duration like 5m',
  '数字、百分比（如 99%）或时长（如 5m）',
);

/** `99%`, `250ms` or a plain number. */
const amount: Shape<Amount> = {
  schema: { anyOf: [{ type: 'number' }, { type: 'string', pattern: '^\\d+(?:\\.\\d+)?(?:%|ms|s|m|h|d)$' }] },
  read: (place) => {
    const { value } = place;
    if (typeof value === 'number' && Number.isFinite(value)) return { value, unit: 'number' };
    const percent = parsePercent(value);
    if (percent !== null) return { value: percent, unit: 'percent' };
    const ms = typeof value === 'string' ? parseDuration(value) : null;
    return ms === null ? wrongType(place, AMOUNT_WORDS) : { value: ms, unit: 'ms' };
  },
};

const fields = {
  is: optional(scalar, 'the value must be exactly this', '值必须恰好等于此值'),
  atLeast: optional(amount, 'the value must be at least this: 3, 99% or 250ms', '值至少为：3、99% 或 250ms'),
  atMost: optional(amount, 'the value must be at most this: 3, 1% or 250ms', '值至多为：3、1% 或 250ms'),
};

const WORDS = bi('exactly one of { is }, { atLeast }, { atMost }', '{ is }、{ atLeast }、{ atMost } 三者之一');

export const tolerance: Shape<Tolerance> = {
  get schema() {
    return { ...objectSchema(fields), minProperties: 1, maxProperties: 1 };
  },
  read: (place) => {
    const { value } = place;
    if (!isMapValue(value)) return wrongType(place, WORDS);
    const [key, ...more] = Object.keys(value);
    if (more.length > 0 || (key !== 'is' && key !== 'atLeast' && key !== 'atMost')) return wrongType(place, WORDS);
    const inner = inside(place, key, value[key]);
    if (key === 'is') {
      const exact = scalar.read(inner);
      return exact === undefined ? undefined : { op: 'is', value: exact };
    }
    const bound = amount.read(inner);
    return bound === undefined ? undefined : { op: key, ...bound };
  },
};

/** A tolerance that no sample of this probe can ever meet is a slip: the check would always be `unknown` or `fail`. */
export function fitsProbe(place: Place, wanted: Tolerance, probe: Probe): Tolerance | undefined {
  const why = misfit(wanted, probe.defaultTolerance);
  if (why === null) return wanted;
  const problem = bi(
    `this tolerance can never be met: ${quoted(probe.name)} gives ${why.en}`,
    `该容差永远无法满足：${quoted(probe.name)}的结果是${why.zh}`,
  );
  return complain(place, problem);
}

const UNITS: Readonly<Record<Amount['unit'], Bilingual>> = {
  number: bi('a number', '数字'),
  percent: bi('a percentage, such as 99%', '百分比，例如 99%'),
  ms: bi('a duration, such as 5m', '时长，例如 5m'),
};

function misfit(wanted: Tolerance, gives: Tolerance): Bilingual | null {
  if (gives.op === 'is') {
    const same = wanted.op === 'is' && typeof wanted.value === typeof gives.value;
    if (same) return null;
    return typeof gives.value === 'boolean' ? bi('true or false', ' true 或 false') : bi('one value', '单个值');
  }
  if (wanted.op === 'is') return typeof wanted.value === 'number' ? null : UNITS[gives.unit];
  return wanted.unit === gives.unit || (wanted.unit === 'number' && gives.unit === 'percent')
    ? null
    : UNITS[gives.unit];
}
