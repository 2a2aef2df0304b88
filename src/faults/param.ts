import type { Scalar } from '../core/drill.js';
import { WorldError } from '../core/errors.js';
import type { Fault, FaultParam } from '../core/fault.js';
import { bi } from '../core/text.js';

type Params = Readonly<Record<string, Scalar>>;

/** A number that a fault takes. Without `usual` it must be given. */
export interface NumberSpec {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  readonly usual?: number;
  readonly whole?: true;
  readonly en: string;
  readonly zh: string;
}

export function numberParam({ name, least, most, usual, en, zh }: NumberSpec): FaultParam {
  const range = bi(`from ${least} to ${most}`, `${least} 到 ${most}`);
  const otherwise = usual === undefined ? bi('', '') : bi(`; default ${usual}`, `；默认 ${usual}`);
  return {
    name,
    type: 'number',
    required: usual === undefined,
    description: bi(`${en} (${range.en}${otherwise.en})`, `${zh}（${range.zh}${otherwise.zh}）`),
  };
}

export function numberOf(params: Params, spec: NumberSpec): number {
  const value = params[spec.name] ?? spec.usual;
  const fits = typeof value === 'number' && value >= spec.least && value <= spec.most;
  if (fits && (spec.whole === undefined || Number.isInteger(value))) return value;
  const kind = spec.whole === undefined ? bi('a number', '数字') : bi('a whole number', '整数');
  throw wrongParam(
    spec.name,
    value,
    bi(`${kind.en} from ${spec.least} to ${spec.most}`, `${spec.least} 到 ${spec.most} 的${kind.zh}`),
  );
}

/** The first of `words` is the default. */
export function wordOf<W extends string>(params: Params, name: string, words: readonly [W, ...W[]]): W {
  const value = params[name] ?? words[0];
  const word = words.find((each) => each === value);
  if (word !== undefined) return word;
  throw wrongParam(name, value, bi(words.join(' | '), words.join(' | ')));
}

const wrongParam = (name: string, value: Scalar | undefined, wanted: { readonly en: string; readonly zh: string }) =>
  new WorldError({
    code: 'fault-param',
    message: bi(
      `the fault’s setting ${name} is ${value ?? 'missing'}; it must be ${wanted.en}`,
      `故障参数 ${name} 为 ${value ?? '空'}；应为 ${wanted.zh}`,
    ),
  });

/** Lets `plan` refuse settings out of range: reading them throws. */
export const refusing =
  (read: (params: Params) => unknown): NonNullable<Fault['missing']> =>
  async (_, { params }) => {
    read(params);
    return null;
  };

/** The first reason of several. */
export const firstMissing =
  (...asks: readonly NonNullable<Fault['missing']>[]): NonNullable<Fault['missing']> =>
  async (cluster, request) => {
    for (const ask of asks) {
      const why = await ask(cluster, request);
      if (why !== null) return why;
    }
    return null;
  };
