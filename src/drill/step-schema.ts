import type { JsonSchema } from '../core/shape.js';
import { described, type Fields, propertiesSchema } from '../core/shape-object.js';
import type { VerbSpec } from './verb.js';

/**
 * draft-07 for a step: all keys with their texts (so that an editor completes them), exactly one verb, and per verb the
 * keys it allows. An `oneOf` over whole steps would answer one slip with an error for each verb.
 */
export function stepSchema(table: readonly VerbSpec[], common: Fields): JsonSchema {
  const several = keysOfSeveral(table, common);
  const properties = Object.assign({}, ...table.map((spec) => propertiesSchema(spec.fields)), propertiesSchema(common));
  return {
    type: 'object',
    properties: { ...properties, ...several },
    additionalProperties: false,
    oneOf: table.map(({ verb }) => ({ required: [verb] })),
    allOf: table.flatMap((spec) => [rule(spec, common, Object.keys(several)), ...spec.rules()]),
  };
}

function rule(spec: VerbSpec, common: Fields, several: readonly string[]): JsonSchema {
  const keys = [...new Set([...Object.keys(common), ...Object.keys(spec.fields)])];
  const required = Object.keys(spec.fields).filter((key) => spec.fields[key]?.required);
  const own = Object.entries({ ...common, ...spec.fields }).filter(([key]) => several.includes(key));
  return {
    if: { required: [spec.verb] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: { propertyNames: { enum: keys }, required, properties: propertiesSchema(Object.fromEntries(own)) },
  };
}

/** A key that means different things by verb keeps its text here and gets its shape from the verb's rule. */
function keysOfSeveral(table: readonly VerbSpec[], common: Fields): JsonSchema {
  const all = [common, ...table.map((spec) => spec.fields)].flatMap((fields) => Object.entries(fields));
  const several = all.filter(([key, field]) => all.some(([other, its]) => other === key && its !== field));
  return Object.fromEntries(several.map(([key, field]) => [key, described({}, field.about)]));
}
