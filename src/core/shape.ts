/**
 * What a part of a YAML file may be: said once, read by `read` (all problems at once, each with its place) and published
 * as JSON Schema draft-07 by `schema`.
 */
import { nearestName } from './catalog.js';
import { DURATION_PATTERN, formatDuration, parseDuration } from './duration.js';
import type { Json } from './fault.js';
import { type Bilingual, bi, type Text } from './text.js';
import { quoted } from './visible-text.js';
import type { DocumentPath, YamlDocument } from './yaml-document.js';

export type JsonSchema = { readonly [keyword: string]: Json };

export interface Place {
  readonly document: YamlDocument;
  readonly path: DocumentPath;
  readonly value: unknown;
}

/** `schema` is made when asked for: reading a file needs none of it. `read` returns undefined after it has reported why; a value that was read is never undefined. */
export interface Shape<T> {
  readonly schema: JsonSchema;
  readonly read: (place: Place) => T | undefined;
}

/** Points to a part of the published schema that is needed in several places. */
export function refTo(definition: string): JsonSchema {
  return { $ref: `#/definitions/${definition}` };
}

export const inside = (place: Place, part: string | number, value: unknown): Place => ({
  document: place.document,
  path: [...place.path, part],
  value,
});

export function complain(place: Place, message: Bilingual, hint?: Bilingual): undefined {
  place.document.report({ path: place.path, message, hint });
  return undefined;
}

/** What the file holds, in words: `the list`, `the number 5`. */
function found(value: unknown): Bilingual {
  if (value === null) return bi('nothing', '空值');
  if (Array.isArray(value)) return bi('a list', '列表');
  if (typeof value === 'object') return bi('a map', '映射');
  const what = { string: bi('the text', '文本'), number: bi('the number', '数字'), boolean: bi('the value', '值') };
  const kind = what[typeof value === 'string' ? 'string' : typeof value === 'number' ? 'number' : 'boolean'];
  return bi(`${kind.en} ${quoted(value)}`, `${kind.zh}${quoted(value)}`);
}

export function wrongType(place: Place, wanted: Bilingual, hint?: Bilingual): undefined {
  const seen = found(place.value);
  return complain(place, bi(`expected ${wanted.en}, found ${seen.en}`, `应为${wanted.zh}，实际是${seen.zh}`), hint);
}

export const didYouMean = (name: string): Bilingual => bi(`did you mean “${name}”?`, `是否想写“${name}”？`);

/** The nearest name of a typo, else what is allowed. */
export function nameHint(wanted: string, names: readonly string[]): Bilingual {
  // Of two or three letters every name is near.
  const near = wanted.length > 3 ? (nearestName(wanted, names) ?? nearestName(wanted.toLowerCase(), names)) : null;
  if (near !== null) return didYouMean(near);
  const list = names.slice(0, 30).join(', ');
  return names.length === 0 ? bi('there is none', '目前没有可用的名称') : bi(`known: ${list}`, `可用：${list}`);
}

/** One of a fixed or catalogued list of names; `what` names the list: a fault, a probe, a drill kind. */
export function nameOf<const T extends string>(names: readonly T[], what: Bilingual): Shape<T> {
  return {
    schema: { type: 'string', enum: [...names] },
    read: (place) => {
      const { value } = place;
      if (typeof value !== 'string') return wrongType(place, what, nameHint('', names));
      const known = names.find((name) => name === value);
      const message = bi(`${quoted(value)} is no ${stripArticle(what.en)}`, `${quoted(value)}不是${what.zh}`);
      return known ?? complain(place, message, nameHint(value, names));
    },
  };
}

const stripArticle = (phrase: string): string => phrase.replace(/^(?:an?|the) /, '');

/** A text on one line, with an optional pattern that `wanted` puts into words. */
export function line(
  wanted: Bilingual,
  rule: { readonly pattern?: string; readonly maxLength?: number } = {},
): Shape<string> {
  const { pattern, maxLength = 1_000 } = rule;
  return {
    schema: { type: 'string', minLength: 1, maxLength, ...(pattern === undefined ? {} : { pattern }) },
    read: (place) => {
      const { value } = place;
      if (typeof value !== 'string') return wrongType(place, wanted, quoteHint(value));
      const fits = value.trim() !== '' && value.length <= maxLength;
      return fits && (pattern === undefined || new RegExp(pattern, 'u').test(value)) ? value : wrongType(place, wanted);
    },
  };
}

const quoteHint = (value: unknown): Bilingual | undefined =>
  typeof value === 'number' || typeof value === 'boolean'
    ? bi('put it in quotes if it is meant as text', '若本意是文本，请加引号')
    : undefined;

export const boolean: Shape<boolean> = {
  schema: { type: 'boolean' },
  read: (place) =>
    typeof place.value === 'boolean' ? place.value : wrongType(place, bi('true or false', ' true 或 false')),
};

/** A whole number from `min` to `max`. */
export function integer(min: number, max: number): Shape<number> {
  const wanted = bi(`a whole number from ${min} to ${max}`, ` ${min} 到 ${max} 的整数`);
  return {
    schema: { type: 'integer', minimum: min, maximum: max },
    read: (place) => {
      const { value } = place;
      const fits = typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
      return fits ? value : wrongType(place, wanted);
    },
  };
}

const DAY_MS = 86_400_000;

/** `500ms`, `30s`, `1h30m` → milliseconds, at least `minMs` (default: more than nothing) and at most a year. */
export function duration(limits: { readonly minMs?: number; readonly maxMs?: number } = {}): Shape<number> {
  const { minMs = 1, maxMs = 366 * DAY_MS } = limits;
  const wanted = bi('a duration like 500ms, 30s, 5m or 1h30m', '时长，例如 500ms、30s、5m 或 1h30m');
  return {
    schema: { type: 'string', pattern: DURATION_PATTERN, examples: ['500ms', '30s', '5m', '2h'] },
    read: (place) => {
      const { value } = place;
      if (typeof value !== 'string') return wrongType(place, wanted, unitHint(value));
      const ms = parseDuration(value);
      if (ms === null) return wrongType(place, wanted, negativeHint(value));
      if (ms >= minMs && ms <= maxMs) return ms;
      const message = bi(`the duration ${quoted(value)} is impossible here`, `时长${quoted(value)}在此处不可能成立`);
      return complain(place, message, durationRange(minMs, maxMs));
    },
  };
}

const durationRange = (minMs: number, maxMs: number): Bilingual => {
  const [from, to] = [formatDuration(minMs), formatDuration(maxMs)];
  return bi(`allowed: ${from} to ${to}`, `允许范围：${from} 到 ${to}`);
};

const unitHint = (value: unknown): Bilingual | undefined =>
  typeof value === 'number' && value >= 0
    ? bi(`a duration needs a unit: ${value}s? ${value}ms?`, `时长需要单位：${value}s？${value}ms？`)
    : undefined;

const negativeHint = (value: string): Bilingual | undefined =>
  value.startsWith('-') ? bi('a duration cannot be negative', '时长不能为负') : undefined;

const TEXT_WORDS = bi('a text, or one per language { en: …, zh: … }', '文本，或每种语言一份 { en: …, zh: … }');

/** In `definitions` of every published schema, because every second key is such a text. */
export const TEXT_DEFINITION: JsonSchema = {
  anyOf: [
    { type: 'string', minLength: 1 },
    {
      type: 'object',
      additionalProperties: false,
      required: ['en', 'zh'],
      properties: {
        en: { type: 'string', minLength: 1, description: 'English', 'x-description-zh': '英文' },
        zh: { type: 'string', minLength: 1, description: 'Chinese', 'x-description-zh': '中文' },
      },
    },
  ],
};

/** A text for people: one string for both languages, or one per language. */
export const text: Shape<Text> = {
  schema: refTo('text'),
  read: (place) => {
    const { value } = place;
    if (typeof value === 'string' && value.trim() !== '') return value;
    if (!isMapValue(value)) return wrongType(place, TEXT_WORDS, quoteHint(value));
    const { en, zh } = value;
    const whole = Object.keys(value).length === 2 && typeof en === 'string' && typeof zh === 'string';
    return whole && en.trim() !== '' && zh.trim() !== ''
      ? { en, zh }
      : complain(place, bi('a text per language has exactly “en” and “zh”', '多语言文本必须恰好包含“en”和“zh”'));
  },
};

export const isMapValue = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A shape that is read as another value. */
export function mapped<A, B>(shape: Shape<A>, change: (value: A, place: Place) => B | undefined): Shape<B> {
  return {
    get schema() {
      return shape.schema;
    },
    read: (place) => {
      const value = shape.read(place);
      return value === undefined ? undefined : change(value, place);
    },
  };
}
