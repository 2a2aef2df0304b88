import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { DRILL_KINDS, flatSteps } from '../../src/core/drill.js';
import { LANGS } from '../../src/core/text.js';
import { drillSchema, initFiles } from '../../src/drill/index.js';
import { estimateOf } from '../../src/drill/summary.js';
import { loadRecoveryPlan } from '../../src/plan/index.js';
import { catalogs, load } from './support.js';

const drillsIn = (dir: string): readonly string[] =>
  readdirSync(dir)
    .filter((name) => name.endsWith('.drill.yaml'))
    .map((name) => join(dir, name));

const shipped = drillsIn('drills');
const missing = drillsIn('test/drills-that-miss');
const validate = new Ajv({ strict: false, allErrors: true }).compile(drillSchema(catalogs));

describe.each([...shipped, ...missing])('%s', (path) => {
  const text = readFileSync(path, 'utf8');

  test('loads, and validates against the published schema', () => {
    expect(load(text, path).drill.id).toBe(basename(path, '.drill.yaml') + (path.startsWith('test') ? '-missed' : ''));
    validate(parse(text));
    expect(validate.errors).toBeNull();
  });

  test('names the schema where an editor finds it', () => {
    const schema = /^# yaml-language-server: \$schema=(\S+)/.exec(text)?.[1] ?? '';
    expect(existsSync(join(dirname(path), schema))).toBe(true);
  });

  test('has every text in both languages, and says why', () => {
    const { title, why } = load(text, path).drill;
    expect(title).toHaveProperty('zh');
    expect(why?.hypothesis).toHaveProperty('zh');
    expect(why?.risk).toBeDefined();
  });

  test('pauses for less than half a minute', () => {
    const { drill } = load(text, path);
    const waits = flatSteps(drill).filter(({ step }) => step.verb === 'wait');
    expect(waits.reduce((sum, { step }) => sum + estimateOf(step), 0)).toBeLessThan(30_000);
  });
});

test('there is one drill of each kind, and a variant that must miss for each', () => {
  const kinds = shipped.map((path) => load(readFileSync(path, 'utf8')).drill.kind);
  expect(new Set(kinds)).toEqual(new Set(DRILL_KINDS));
  expect(missing.map((path) => basename(path))).toEqual(shipped.map((path) => basename(path)));
});

test('answers name steps of their drill only, and every step that asks', () => {
  for (const dir of ['drills', 'test/drills-that-miss']) {
    const { drill } = load(readFileSync(join(dir, 'datacenter-power-loss.drill.yaml'), 'utf8'));
    const file: unknown = parse(readFileSync(join(dir, 'answers/datacenter-power-loss.answers.yaml'), 'utf8'));
    const asks = flatSteps(drill).filter(({ step }) => ['manual', 'document', 'situation'].includes(step.verb));
    const answered = Object.keys((file as { answers: object }).answers);
    expect(answered.toSorted()).toEqual(asks.map(({ step }) => step.id).toSorted());
  }
});

describe.each(DRILL_KINDS)('init %s', (kind) => {
  test.each(LANGS)('%s: the drill and the plan load without problems', (lang) => {
    const files = initFiles({ registry: 'etcd', kind, lang, lab: 'antietcd-3' });
    expect(files.map((file) => file.path)).toEqual([`${kind}.drill.yaml`, 'recovery-plan.yaml', '.gitignore']);
    const [drill, plan] = files;
    expect(load(drill?.text ?? '').drill.kind).toBe(kind);
    expect(drill?.text).not.toMatch(/\{\{|#en |#zh /);
    expect(/\p{Script=Han}/u.test((drill?.text ?? '').split('apiVersion')[0] ?? '')).toBe(lang === 'zh');
    expect(loadRecoveryPlan({ path: 'recovery-plan.yaml', text: plan?.text ?? '' }).levels.P0.recoveryTargetMs).toBe(
      1_800_000,
    );
    validate(parse(drill?.text ?? ''));
    expect(validate.errors).toBeNull();
  });

  test('own nodes come through whatever their names are', () => {
    const node = {
      name: 'n1',
      url: 'http://127.0.0.1:2379',
      find: { by: 'argument', text: '/srv/a b: "c" {d}' },
      start: ['etcd', '--name', '$& #n1'],
      labels: { rack: 'r1' },
    } as const;
    const [file] = initFiles({ registry: 'etcd', kind, lang: 'en', nodes: [node], environment: 'no' });
    const { drill } = load(file?.text ?? '');
    if (kind === 'tabletop') return;
    expect(drill.environment.name).toBe('no');
    expect(drill.target?.source).toEqual({ from: 'nodes', driver: 'process', nodes: [node] });
  });
});
