import { describe, expect, it } from 'vitest';
import type { Step } from '../../src/core/drill.js';
import type { EventBody } from '../../src/core/journal.js';
import { stepProblems } from '../../src/run/problems/step-problems.js';

const common = { continueOnFailure: false } as const;
const check = (id: string, params: Record<string, string> = {}, value = true): Step => ({
  ...common,
  id,
  verb: 'check',
  probe: 'registry.healthy',
  params,
  withinMs: 0,
  tolerance: { op: 'is', value },
});
const restore = (id: string, archive: string, service?: string): Step => ({
  ...common,
  id,
  verb: 'restore',
  archive,
  expect: {},
  ...(service === undefined ? {} : { services: [service] }),
});
const backup = (id: string, to: string): Step => ({ ...common, id, verb: 'backup', mode: 'full', to });
const start = (id: string, node: string): Step => ({
  ...common,
  id,
  verb: 'recover',
  action: 'node.start',
  on: { by: { kind: 'name', names: [node] } },
});

/** Problems left open when the first step fails and the second passes. */
function isSolved(failed: Step, passed: Step): boolean {
  const events: EventBody[] = [];
  const problems = stepProblems((body) => events.push(body));
  problems.onEnded(failed, 'fail');
  problems.onEnded(passed, 'pass');
  expect(events.filter(({ type }) => type === 'problem.opened')).toHaveLength(1);
  return events.some(({ type }) => type === 'problem.solved');
}

describe('a failed step', () => {
  it.each([
    ['check', check('a', { service: 'pay', node: 'n1' }), check('b', { node: 'n1', service: 'pay' })],
    ['restore', restore('a', 'x.tar.gz', 'pay'), restore('b', 'x.tar.gz', 'pay')],
    ['backup', backup('a', 'local'), backup('b', 'local')],
    ['recover', start('a', 'n1'), start('b', 'n1')],
  ])('is solved by a later one that does the same: %s', (_, failed, passed) => {
    expect(isSolved(failed, passed)).toBe(true);
  });

  it.each([
    ['another setting of the probe', check('a', { service: 'pay' }), check('b', { service: 'ship' })],
    ['another answer wanted', check('a'), check('b', {}, false)],
    ['another archive', restore('a', 'x.tar.gz'), restore('b', 'y.tar.gz')],
    ['another time', restore('a', 'x.tar.gz'), { ...restore('b', 'x.tar.gz'), atMs: 5 } as Step],
    ['another service', restore('a', 'x.tar.gz', 'pay'), restore('b', 'x.tar.gz', 'ship')],
    ['another place', backup('a', 'local'), backup('b', 'nas')],
    ['another node', start('a', 'n1'), start('b', 'n2')],
  ])('is not solved by one about %s', (_, failed, passed) => {
    expect(isSolved(failed, passed)).toBe(false);
  });
});
