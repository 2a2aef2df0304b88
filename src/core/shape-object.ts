/** Maps and lists of shapes. */
import { nearestName } from './catalog.js';
import {
  complain,
  didYouMean,
  inside,
  isMapValue,
  type JsonSchema,
  type Place,
  type Shape,
  wrongType,
} from './shape.js';
import { type Bilingual, bi } from './text.js';
import { quoted } from './visible-text.js';

export interface Field<T, Required extends boolean> {
  readonly shape: Shape<T>;
  readonly required: Required;
  readonly about: Bilingual;
}

export type Fields = Readonly<Record<string, Field<unknown, boolean>>>;

type RequiredKeys<F extends Fields> = {
  [K in keyof F]: F[K]['required'] extends true ? K : never;
}[keyof F];
type ValueOf<F> = F extends Field<infer T, boolean> ? T : never;

export type ReadFields<F extends Fields> = {
  readonly [K in RequiredKeys<F>]: ValueOf<F[K]>;
} & { readonly [K in Exclude<keyof F, RequiredKeys<F>>]?: ValueOf<F[K]> };

export const required = <T>(shape: Shape<T>, en: string, zh: string): Field<T, true> => ({
  shape,
  required: true,
  about: bi(en, zh),
});

export const optional = <T>(shape: Shape<T>, en: string, zh: string): Field<T, false> => ({
  shape,
  required: false,
  about: bi(en, zh),
});

export function object<F extends Fields>(fields: F, what: Bilingual): Shape<ReadFields<F>> {
  return {
    get schema() {
      return objectSchema(fields);
    },
    read: (place) => {
      if (!isMapValue(place.value)) return wrongType(place, what, allowedKeys(fields));
      const known = reportKeys(place, fields);
      const read = readFields(place, fields);
      return known && read !== undefined ? read : undefined;
    },
  };
}

export function objectSchema(fields: Fields): JsonSchema {
  const names = Object.keys(fields).filter((name) => fields[name]?.required);
  return {
    type: 'object',
    additionalProperties: false,
    ...(names.length === 0 ? {} : { required: names }),
    properties: propertiesSchema(fields),
  };
}

export const propertiesSchema = (fields: Fields): JsonSchema =>
  Object.fromEntries(Object.entries(fields).map(([name, { shape, about }]) => [name, described(shape.schema, about)]));

/** draft-07 ignores everything beside `$ref`, so a reference goes inside. */
export const described = (schema: JsonSchema, about: Bilingual): JsonSchema => ({
  description: about.en,
  'x-description-zh': about.zh,
  ...('$ref' in schema ? { allOf: [schema] } : schema),
});

/** Reads every field that is there; undefined when one of them, or a required one, could not be read. */
export function readFields<F extends Fields>(place: Place, fields: F): ReadFields<F> | undefined {
  if (!isMapValue(place.value)) return undefined;
  const read: Record<string, unknown> = {};
  let whole = true;
  for (const [name, { shape, required: needed }] of Object.entries(fields)) {
    if (!Object.hasOwn(place.value, name)) {
      whole &&= !needed;
      continue;
    }
    const value = shape.read(inside(place, name, place.value[name]));
    if (value === undefined) whole = false;
    else read[name] = value;
  }
  // Every required field was read by its own shape: the record has the type that the fields spell out.
  return whole ? (read as ReadFields<F>) : undefined;
}

/** Reports unknown and missing keys; a typo of a missing key is one problem, not two. True = none. */
export function reportKeys(place: Place, fields: Fields): boolean {
  if (!isMapValue(place.value)) return false;
  const present = Object.keys(place.value);
  const names = Object.keys(fields);
  const unknown = present.filter((key) => !names.includes(key));
  const missing = new Set(names.filter((name) => fields[name]?.required && !present.includes(name)));
  const none = unknown.length === 0 && missing.size === 0;
  for (const key of unknown) {
    const near = nearestName(key.toLowerCase(), [...missing]) ?? nearestName(key.toLowerCase(), names);
    const [only, ...others] = missing;
    const instead = near === null && unknown.length === 1 && others.length === 0 ? only : undefined;
    missing.delete(near ?? instead ?? '');
    place.document.report({
      path: [...place.path, key],
      what: 'key',
      message: bi(`unknown key ${quoted(key)}`, `未知的键${quoted(key)}`),
      hint: near === null ? allowedKeys(fields, instead) : didYouMean(near),
    });
  }
  for (const name of missing) {
    complain(place, bi(`the key “${name}” is missing`, `缺少键“${name}”`), fields[name]?.about);
  }
  return none;
}

/** `needed` = a key that is missing and that the unknown one may stand for. */
function allowedKeys(fields: Fields, needed?: string): Bilingual {
  const list = Object.keys(fields).join(', ');
  const allowed = bi(`allowed: ${list}`, `允许的键：${list}`);
  if (needed === undefined) return allowed;
  return bi(`“${needed}” is needed here; ${allowed.en}`, `此处需要“${needed}”；${allowed.zh}`);
}
/** A list with at least `min` items; every item is read, also after a bad one. */
export function list<T>(item: Shape<T>, what: Bilingual, min = 0): Shape<readonly T[]> {
  return {
    get schema() {
      return { type: 'array', items: item.schema, ...(min === 0 ? {} : { minItems: min }) };
    },
    read: (place) => {
      if (!Array.isArray(place.value)) return wrongType(place, what);
      const values: readonly unknown[] = place.value;
      if (values.length < min) return complain(place, bi('the list is too short', '列表项过少'), what);
      const read = values.map((value, index) => item.read(inside(place, index, value)));
      const good = read.filter((value) => value !== undefined);
      return good.length === read.length ? good : undefined;
    },
  };
}

/** A map with names of the user's own as keys. */
export function recordOf<T>(
  value: Shape<T>,
  rule: { readonly key: Shape<string>; readonly what: Bilingual },
): Shape<Readonly<Record<string, T>>> {
  return {
    get schema() {
      return { type: 'object', propertyNames: rule.key.schema, additionalProperties: value.schema };
    },
    read: (place) => {
      if (!isMapValue(place.value)) return wrongType(place, rule.what);
      const entries = Object.entries(place.value).map(([key, inner]) => {
        const known = rule.key.read({ ...inside(place, key, key) });
        return [known, value.read(inside(place, key, inner))] as const;
      });
      const good = entries.filter((entry): entry is readonly [string, Awaited<T>] =>
        entry.every((part) => part !== undefined),
      );
      return good.length === entries.length ? Object.fromEntries(good) : undefined;
    },
  };
}

/** One thing, or a list of them. */
export function oneOrMore<T>(item: Shape<T>, what: Bilingual): Shape<readonly T[]> {
  const many = list(item, what, 1);
  return {
    get schema() {
      return { anyOf: [item.schema, many.schema] };
    },
    read: (place) => {
      if (Array.isArray(place.value)) return many.read(place);
      const one = item.read(place);
      return one === undefined ? undefined : [one];
    },
  };
}
