import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InputError } from '../../src/core/errors.js';
import { LANGS } from '../../src/core/text.js';
import { renderProblems } from '../../src/core/yaml-document.js';
import { loadRecoveryPlan } from '../../src/plan/index.js';
import { load } from './support.js';

/** Whatever the text: a value, or an InputError with at least one well-placed problem that can be printed. */
function loadsOrTells(load: (text: string) => unknown, text: string): boolean {
  try {
    load(text);
    return true;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    expect(error.problems.length).toBeGreaterThan(0);
    for (const problem of error.problems) {
      expect(problem.line).toBeGreaterThanOrEqual(1);
      expect(problem.column).toBeGreaterThanOrEqual(1);
      expect(problem.width).toBeGreaterThanOrEqual(1);
    }
    for (const lang of LANGS) renderProblems(error.problems, lang);
    return false;
  }
}

const plan = (text: string): unknown => loadRecoveryPlan({ path: 'p.yaml', text });
const shipped = readdirSync('drills')
  .filter((name) => name.endsWith('.drill.yaml'))
  .map((name) => readFileSync(join('drills', name), 'utf8'));

test('arbitrary text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      loadsOrTells((t) => load(t), text);
      loadsOrTells(plan, text);
    }),
    { numRuns: 300 },
  );
});

test('text made of YAML’s own characters', () => {
  const piece = fc.constantFrom(
    'a',
    ': ',
    '- ',
    '\n',
    '  ',
    '{',
    '}',
    '[',
    ']',
    ',',
    '"',
    "'",
    '&x ',
    '*x',
    '!t ',
    '|',
    '>',
    '#',
    '? ',
    '%',
    '---\n',
    '<<: ',
    '\t',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      loadsOrTells((t) => load(t), pieces.join(''));
    }),
    { numRuns: 500 },
  );
});

test('valid drills with pieces cut, doubled, moved or replaced', () => {
  const cut = fc.record({
    text: fc.constantFrom(...shipped, readFileSync('templates/recovery-plan.yaml', 'utf8')),
    from: fc.nat(4_000),
    length: fc.nat(60),
    put: fc.oneof(
      fc.constantFrom('', '5', '[]', '{}', 'null', '~', '\n', ': ', '- ', '99999999999d', 'true', '"'),
      fc.string({ maxLength: 10 }),
    ),
  });
  let loaded = 0;
  fc.assert(
    fc.property(cut, ({ text, from, length, put }) => {
      const mutated = text.slice(0, from) + put + text.slice(from + length);
      if (loadsOrTells((t) => load(t), mutated)) loaded += 1;
      loadsOrTells(plan, mutated);
    }),
    { numRuns: 250 },
  );
  // Cuts in comments and texts change nothing that matters: the mutations are not all hopeless.
  expect(loaded).toBeGreaterThan(0);
});

test('a valid drill in which any value is something else', () => {
  fc.assert(
    fc.property(fc.constantFrom(...shipped), fc.nat(200), fc.jsonValue({ maxDepth: 2 }), (text, at, value) => {
      let seen = -1;
      const mutated = text.replace(/(: )([^\n{}[\],#]+)$/gm, (all, colon: string) => {
        seen += 1;
        return seen === at ? `${colon}${JSON.stringify(value)}` : all;
      });
      loadsOrTells((t) => load(t), mutated);
    }),
    { numRuns: 250 },
  );
});
