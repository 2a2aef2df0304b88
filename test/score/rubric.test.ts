import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/core/errors.js';
import { parseRubric } from '../../src/score/index.js';

const text = readFileSync(new URL('../../templates/rubrics/default.yaml', import.meta.url), 'utf8');

describe('the default rubric', () => {
  const rubric = parseRubric(text);

  it('has exactly the points of the seed, and ours marked as ours', () => {
    expect({ passMark: rubric.passMark, minAssessable: rubric.minAssessable }).toEqual({
      passMark: 80,
      minAssessable: 60,
    });
    const rows = rubric.dimensions.map((d) => [
      d.id,
      d.possible,
      d.criteria.map((c) => [
        c.id,
        c.possible,
        c.source,
        c.grades === 'proportional' ? c.grades : c.grades.map((g) => [g.points, g.source]),
      ]),
    ]);
    const [seed, ours] = ['seed §8.4', 'ours'];
    expect(rows).toEqual([
      [
        'recovery-time',
        30,
        [
          [
            'rto',
            30,
            seed,
            [
              [30, seed],
              [20, seed],
              [10, seed],
              [0, ours],
            ],
          ],
        ],
      ],
      [
        'data-integrity',
        25,
        [
          [
            'integrity',
            25,
            seed,
            [
              [25, seed],
              [15, seed],
              [5, seed],
              [0, ours],
            ],
          ],
        ],
      ],
      [
        'process',
        25,
        [
          ['plan-followed', 10, ours, 'proportional'],
          ['roles', 8, ours, 'proportional'],
          ['nothing-left-out', 7, ours, 'proportional'],
        ],
      ],
      [
        'problem-handling',
        20,
        [
          ['solved-quickly', 8, ours, 'proportional'],
          ['fallback', 6, ours, 'proportional'],
          ['decisions', 6, ours, 'proportional'],
        ],
      ],
    ]);
  });

  it('has the labels of the seed', () => {
    const labels = rubric.dimensions.flatMap((d) =>
      d.criteria.flatMap((c) => (c.grades === 'proportional' ? [] : c.grades.slice(0, 3).map((g) => g.label))),
    );
    const graded = [
      { en: 'excellent', zh: '优秀' },
      { en: 'good', zh: '良好' },
      { en: 'pass', zh: '及格' },
    ];
    expect(labels).toEqual([...graded, ...graded]);
  });
});

describe('a rubric that is not right', () => {
  const problemsOf = (broken: string): readonly string[] => {
    try {
      parseRubric(broken);
    } catch (error) {
      if (error instanceof InputError) return error.problems.map((p) => `${p.line} ${p.message.en}`);
      throw error;
    }
    return [];
  };
  const lineOf = (part: string): number => text.slice(0, text.indexOf(part)).split('\n').length;

  it('is refused when the parts do not add up', () => {
    const problems = problemsOf(text.replace('possible: 10', 'possible: 11'));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain('26 points, not 25');
  });

  it('is refused for an unknown criterion, with its line', () => {
    const problems = problemsOf(text.replace('id: roles', 'id: rolls'));
    expect(problems[0]).toMatch(new RegExp(`^${lineOf('id: roles')} `));
  });

  it('is refused for a missing language and a missing part, all at once', () => {
    const problems = problemsOf(
      text.replace('label: { en: good, zh: 良好 }', 'label: { en: good }').replace('passMark: 80', ''),
    );
    expect(problems.length).toBeGreaterThan(1);
  });
});
