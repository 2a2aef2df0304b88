import type { Scalar } from '../core/drill.js';
import type { FaultParam } from '../core/fault.js';
import {
  boolean,
  complain,
  integer,
  isMapValue,
  type JsonSchema,
  nameOf,
  type Place,
  type Shape,
} from '../core/shape.js';
import { type Fields, object, objectSchema, optional, required } from '../core/shape-object.js';
import { bi } from '../core/text.js';
import { scalar, word } from './words.js';

type Params = Readonly<Record<string, Scalar>>;

const number: Shape<Scalar> = {
  schema: { type: 'number' },
  read: (place) =>
    typeof place.value === 'number' && Number.isFinite(place.value)
      ? place.value
      : complain(place, bi('expected a number', '应为数字')),
};

const SHAPES: Readonly<Record<FaultParam['type'], Shape<Scalar>>> = { string: word, number, boolean };

function shapeOf({ type, choices, range }: FaultParam): Shape<Scalar> {
  if (choices !== undefined) return nameOf(choices, bi('a value', '取值'));
  return range === undefined ? SHAPES[type] : integer(...range);
}

const fieldsOf = (params: readonly FaultParam[]): Fields =>
  Object.fromEntries(
    params.map((param) => [
      param.name,
      (param.required ? required : optional)(shapeOf(param), param.description.en, param.description.zh),
    ]),
  );

export const paramsSchema = (params: readonly FaultParam[]): JsonSchema => objectSchema(fieldsOf(params));

/** The settings under `with:` of a fault or probe; `holder` is the step that may have them. */
export function readParams(holder: Place, params: readonly FaultParam[]): Params | undefined {
  const given: unknown = isMapValue(holder.value) ? holder.value.with : undefined;
  const place = { ...holder, path: [...holder.path, 'with'], value: given === undefined ? {} : given };
  return object(fieldsOf(params), bi('a map of settings', '设置的映射')).read(place) === undefined
    ? undefined
    : scalarsOf(given);
}

const scalarsOf = (given: unknown): Params =>
  isMapValue(given)
    ? Object.fromEntries(Object.entries(given).filter((entry): entry is [string, Scalar] => isScalar(entry[1])))
    : {};

const isScalar = (value: unknown): value is Scalar => ['string', 'number', 'boolean'].includes(typeof value);

/** `with:` where it is not yet known whose settings they are. */
export const anyParams: Shape<Params> = {
  schema: { type: 'object', additionalProperties: scalar.schema },
  // Read by readParams once the fault or probe is known.
  read: () => ({}),
};
