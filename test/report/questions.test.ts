/** The three questions of seed §9.2: what the run showed, and where it could not, what a decision found. */
import { expect, it } from 'vitest';
import { bi } from '../../src/core/text.js';
import { threeQuestions } from '../../src/report/result/questions.js';
import { fixture } from './fixture.js';
import { measurementsOf } from './measurements.js';

const measured = measurementsOf(fixture().events, 'bob');
const [decision] = measured.decisions;

it('tells what the decision found of a standby that the run itself does not show', () => {
  const [, , standby] = threeQuestions(measured);
  expect(standby?.answer).toBe('unknown');
  expect(standby?.outcome.en).toBe(
    'At the decision switch: unknown (nothing here looks at a standby); it came to: switch at once.',
  );
  expect(standby?.evidence).toEqual([...(decision?.answers[0]?.evidence ?? []), ...(decision?.evidence ?? [])]);
});

it('keeps what the run showed, and adds what was decided', () => {
  const plain = threeQuestions({ ...measured, decisions: [] });
  const why = bi('a restart took 2 s, at most 15 min is allowed', '重启实测用时 2 秒，不超过 15 分钟');
  const found = decision?.answers[0];
  if (decision === undefined || found === undefined) throw new Error('the fixture has a decision');
  const answers = [{ ...found, fact: 'repairable-in-place' as const, answer: 'no' as const, why }];
  const [repair] = threeQuestions({ ...measured, decisions: [{ ...decision, answers }] });
  expect(repair?.answer).toBe(plain[0]?.answer);
  expect(repair?.outcome.en.startsWith(plain[0]?.outcome.en ?? '?')).toBe(true);
  expect(repair?.outcome.en).toContain('At the decision switch: no (a restart took 2 s');
  expect(plain[2]?.answer).toBe('unknown');
});
