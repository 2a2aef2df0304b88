import { Ajv, type JSONSchemaType } from 'ajv';
import { InputError } from '../core/errors.js';
import { DIMENSION_IDS, type Rubric } from '../core/rubric.js';
import { type Bilingual, bi } from '../core/text.js';
import { type DocumentPath, parseYaml } from '../core/yaml-document.js';
import { CRITERIA } from './criteria.js';

const text = {
  anyOf: [
    { type: 'string' },
    {
      type: 'object',
      required: ['en', 'zh'],
      additionalProperties: false,
      properties: { en: { type: 'string' }, zh: { type: 'string' } },
    },
  ],
};
const points = { type: 'number', minimum: 0, maximum: 100 };
const source = { enum: ['seed §8.4', 'ours'] };
const object = (properties: object, optional: readonly string[] = []): object => ({
  type: 'object',
  additionalProperties: false,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  properties,
});
const list = (items: object): object => ({ type: 'array', minItems: 1, items });

const grade = object({ id: { type: 'string' }, points, label: text, source });
const criterion = object({
  id: { enum: Object.keys(CRITERIA) },
  title: text,
  possible: points,
  rule: text,
  source,
  grades: { anyOf: [{ const: 'proportional' }, list(grade)] },
});
const dimension = object({ id: { enum: DIMENSION_IDS }, title: text, possible: points, criteria: list(criterion) });
const schema = object(
  {
    id: { type: 'string' },
    version: { type: 'integer', minimum: 1 },
    passMark: points,
    minAssessable: points,
    additions: list(object({ id: { type: 'string' }, text })),
    dimensions: list(dimension),
  },
  ['additions'],
) as JSONSchemaType<Rubric>;

/** Reads a rubric file; throws InputError with every problem at its place. */
export function parseRubric(text: string): Rubric {
  const document = parseYaml({ path: 'rubric', text });
  const { value } = document;
  const validate = new Ajv({ allErrors: true, strict: false }).compile(schema);
  if (!validate(value)) {
    for (const error of validate.errors ?? []) {
      const path = error.instancePath
        .split('/')
        .slice(1)
        .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
      const message = error.message ?? 'is not valid';
      document.report({ path, message: bi(`the rubric ${message}`, `评分规则不符合要求：${message}`) });
    }
    throw new InputError(document.problems);
  }
  for (const problem of sumProblems(value)) document.report(problem);
  if (document.problems.length > 0) throw new InputError(document.problems);
  return value;
}

/** The points have to add up, or a score could not be recomputed on paper. */
function sumProblems(rubric: Rubric): readonly { readonly path: DocumentPath; readonly message: Bilingual }[] {
  const problems: { readonly path: DocumentPath; readonly message: Bilingual }[] = [];
  const expect = (path: DocumentPath, what: { readonly sum: number; readonly possible: number }): void => {
    if (what.sum === what.possible) return;
    const message = bi(
      `the parts give ${what.sum} points, not ${what.possible}`,
      `各部分合计 ${what.sum} 分，而不是 ${what.possible} 分`,
    );
    problems.push({ path, message });
  };
  const total = sum(rubric.dimensions.map((d) => d.possible));
  expect(['dimensions'], { sum: total, possible: 100 });
  for (const [d, { possible, criteria }] of rubric.dimensions.entries()) {
    expect(['dimensions', d, 'possible'], { sum: sum(criteria.map((c) => c.possible)), possible });
    for (const [c, { grades, possible: most }] of criteria.entries()) {
      if (grades === 'proportional') continue;
      const path = ['dimensions', d, 'criteria', c, 'grades'];
      expect(path, { sum: Math.max(...grades.map((g) => g.points)), possible: most });
    }
  }
  return problems;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
