import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { drillSchema } from '../../src/drill/index.js';
import { labs } from '../../src/lab/index.js';
import { recoveryPlanSchema } from '../../src/plan/index.js';
import { catalogs } from './support.js';

const SCHEMAS = { drill: drillSchema({ ...catalogs, labs: labs.names }), 'recovery-plan': recoveryPlanSchema() };

describe.each(Object.entries(SCHEMAS))('%s.schema.json', (name, schema) => {
  test('is as generated (npx vitest run test/drill/schema.test.ts -u)', async () => {
    const text = `${JSON.stringify(schema, null, 2)}\n`;
    await expect(text).toMatchFileSnapshot(`../../templates/schema/${name}.schema.json`);
  });

  test('is draft-07 that compiles', () => {
    expect(new Ajv({ strict: false }).validateSchema(schema)).toBe(true);
  });

  test('describes every property in English and Chinese', () => {
    const bare = propertiesOf(schema).filter(([, property]) => !described(property));
    expect(bare.map(([path]) => path)).toEqual([]);
    expect(propertiesOf(schema).length).toBeGreaterThan(20);
  });
});

function described(property: unknown): boolean {
  const { description: en, 'x-description-zh': zh } = property as Record<string, unknown>;
  return typeof en === 'string' && en !== '' && typeof zh === 'string' && /\p{Script=Han}|^firedrill\/v1$/u.test(zh);
}

function propertiesOf(node: unknown, path = ''): readonly (readonly [string, unknown])[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]): readonly (readonly [string, unknown])[] => {
    const at = `${path}/${key}`;
    if (key === 'if') return [];
    if (key !== 'properties') return propertiesOf(value, at);
    return Object.entries(value as object).flatMap(([name, property]) => [
      [`${at}/${name}`, property] as const,
      ...propertiesOf(property, `${at}/${name}`),
    ]);
  });
}
