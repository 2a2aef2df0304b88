import type { Catalog } from '../core/catalog.js';
import type { ProbeSpec, Scalar, Tolerance } from '../core/drill.js';
import type { Probe } from '../core/probe.js';
import { complain, type JsonSchema, mapped, nameOf, type Place, refTo, type Shape } from '../core/shape.js';
import { object, objectSchema, optional, required } from '../core/shape-object.js';
import { bi } from '../core/text.js';
import { anyParams, paramsSchema, readParams } from './params.js';
import { fitsProbe, tolerance } from './tolerance.js';
import { anyDuration, scalar } from './words.js';

export const probeName = (probes: Catalog<Probe>): Shape<string> => nameOf(probes.names, bi('a probe', '探针'));

/** What a check may say of its probe, in a step as in a gate or in steadyState. */
export const judgingFields = {
  tolerance: optional(
    tolerance,
    'what the value must be; default: what the probe calls good',
    '值须满足的条件；默认采用探针自身的标准',
  ),
  is: optional(scalar, 'short for tolerance: { is: … }', 'tolerance: { is: … } 的简写'),
  with: optional(anyParams, 'settings of the probe', '探针的设置'),
};

const WITHIN = [
  'polls until the tolerance holds or this time is over; without it one look',
  '轮询直到满足容差或超过此时间；不写则只看一次',
] as const;

const probeSpecFields = (probes: Catalog<Probe>) => ({
  probe: required(probeName(probes), 'the probe to look with', '使用的探针'),
  within: optional(anyDuration, ...WITHIN),
  ...judgingFields,
});

/** A check outside the steps: `{ probe, within, tolerance | is, with }`. */
export const probeSpec = (probes: Catalog<Probe>): Shape<ProbeSpec> => {
  const shape = mapped(
    object(probeSpecFields(probes), bi('a check { probe: … }', '检查 { probe: … }')),
    (read, place) => judged({ place, probe: probes.find(read.probe), withinMs: read.within ?? 0 }, read),
  );
  return { schema: refTo('check'), read: shape.read };
};

export const probeSpecDefinition = (probes: Catalog<Probe>): JsonSchema => ({
  ...objectSchema(probeSpecFields(probes)),
  allOf: paramRules('probe', probes.all),
});

/** Puts the parts of a check together; undefined after a problem was reported. */
export function judged(
  of: { readonly place: Place; readonly probe: Probe | undefined; readonly withinMs: number },
  read: { readonly tolerance?: Tolerance; readonly is?: Scalar },
): ProbeSpec | undefined {
  const { place, probe, withinMs } = of;
  if (probe === undefined) return undefined;
  const params = readParams(place, probe.params);
  if (read.tolerance !== undefined && read.is !== undefined) {
    return complain(place, bi('write “tolerance” or “is”, not both', '“tolerance”与“is”只能写一个'));
  }
  const key = read.is === undefined ? 'tolerance' : 'is';
  const wanted: Tolerance =
    read.is === undefined ? (read.tolerance ?? probe.defaultTolerance) : { op: 'is', value: read.is };
  const fits = fitsProbe({ ...place, path: [...place.path, key] }, wanted, probe);
  return params === undefined || fits === undefined
    ? undefined
    : { probe: probe.name, params, withinMs, tolerance: fits };
}

const WITH_ABOUT = { description: 'its settings', 'x-description-zh': '其设置' };

/** draft-07 rules that give `with` the settings of the fault or probe named under `key`. */
export const paramRules = (
  key: string,
  items: readonly { readonly name: string; readonly params: Probe['params'] }[],
): readonly JsonSchema[] =>
  items.map(({ name, params }) => ({
    if: { properties: { [key]: { const: name } }, required: [key] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: {
      properties: { with: { ...WITH_ABOUT, ...paramsSchema(params) } },
      ...(params.some((param) => param.required) ? { required: ['with'] } : {}),
    },
  }));
