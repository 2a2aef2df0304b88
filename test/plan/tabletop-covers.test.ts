import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { builtInRecoveryPlan } from '../../src/plan/index.js';

/** Every value of that key, at any depth. */
function valuesOf(key: string, value: unknown): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [...(name === key ? [inner] : []), ...valuesOf(key, inner)]);
}

test('the shipped tabletop of seed §6 plays every milestone, every role, and the three actions side by side', () => {
  const drill = parse(readFileSync('drills/datacenter-power-loss.drill.yaml', 'utf8'));
  const plan = builtInRecoveryPlan();
  expect(new Set(valuesOf('milestone', drill.phases))).toEqual(new Set(plan.milestones.map(({ id }) => id)));
  expect(new Set(valuesOf('by', drill.phases))).toEqual(new Set(Object.keys(plan.roles)));
  const [actions] = valuesOf('parallel', drill.phases);
  expect(actions).toHaveLength(plan.milestones.find(({ id }) => id === 'T+10m')?.actions?.length ?? 0);
});
