/** What a drill says of decisions and degradation must be in its recovery plan, and in order. */
import { describe, expect, it } from 'vitest';
import { edited, load, problemsOf, told, VALID } from './support.js';

const after = (...lines: readonly string[]): string =>
  edited('within: 10s', ['within: 10s', ...lines.map((line) => `    - ${line}`)].join('\n'));
const said = (...lines: readonly string[]): readonly string[] =>
  told(problemsOf(after(...lines))).map((line) => line.replace(/^\d+:\d+ /, ''));

describe('decide', () => {
  it('is read with its tree, and later steps follow it', () => {
    const { drill } = load(
      after(
        '{ id: what, decide: switchover }',
        '{ wait: 1s, when: { decision: what, is: repair-in-place } }',
        '{ wait: 2s, when: { decision: what, is: [switch-now, re-register] } }',
      ),
    );
    const [, , decide, one, several] = drill.phases.execute.steps;
    expect(decide).toMatchObject({ verb: 'decide', tree: 'switchover', archive: 'latest' });
    expect(one?.when).toEqual({ decision: 'what', is: ['repair-in-place'] });
    expect(several?.when).toEqual({ decision: 'what', is: ['switch-now', 're-register'] });
  });

  it.each<[string, readonly string[], readonly string[]]>([
    [
      'a tree that the plan has not',
      ['{ decide: swichover }'],
      ['the recovery plan has no decision tree “swichover” [did you mean “switchover”?]'],
    ],
    [
      'an outcome that the tree has not, alone and in a list',
      [
        '{ id: what, decide: switchover }',
        '{ wait: 1s, when: { decision: what, is: repair-in-plaice } }',
        '{ wait: 1s, when: { decision: what, is: [switch-now, switch-never] } }',
      ],
      [
        'this decision has no outcome “repair-in-plaice” [did you mean “repair-in-place”?]',
        'this decision has no outcome “switch-never” [did you mean “switch-now”?]',
      ],
    ],
    [
      'a decision that is none',
      ['{ id: pause, wait: 1s }', '{ wait: 1s, when: { decision: pause, is: switch-now } }'],
      ['“pause”: only a decide step decides'],
    ],
    [
      'a decision that is not there',
      ['{ id: what, decide: switchover }', '{ wait: 1s, when: { decision: whta, is: switch-now } }'],
      ['no step has the id “whta” [did you mean “what”?]'],
    ],
    [
      'a decision that comes later',
      ['{ wait: 1s, when: { decision: what, is: switch-now } }', '{ id: what, decide: switchover }'],
      ['the step “what” comes later (line 17)'],
    ],
  ])('refuses %s', (_, lines, problems) => {
    expect(said(...lines)).toEqual(problems);
  });
});

describe('degrade', () => {
  it('is read with its level, and named by it', () => {
    const { steps } = load(after('{ degrade: 3 }', '{ degrade: off }')).drill.phases.execute;
    const [, , enter, leave] = steps;
    expect(enter).toMatchObject({ id: 'degrade-3', verb: 'degrade', level: 3 });
    expect(leave).toMatchObject({ id: 'degrade-off', verb: 'degrade', level: null });
  });

  it.each<[string, string, string]>([
    ['a level that there is not', '{ degrade: 5 }', 'expected a level (1, 2, 3, 4) or off, found the number “5”'],
    ['to leave what was not entered', '{ degrade: off }', 'no level was entered before'],
  ])('refuses %s', (_, line, problem) => {
    expect(said(line)).toEqual([problem]);
  });

  it('is refused without clients, which would feel it', () => {
    const quiet = after('{ degrade: 2 }').replace('traffic: {}\n', '').replace('fault-injection', 'partial');
    expect(told(problemsOf(quiet)).join()).toContain('a degradation level is felt by canary clients');
  });

  it('is nothing for a tabletop', () => {
    expect(VALID).toContain('kind: fault-injection');
    const tabletop = after('{ degrade: 2 }').replace('kind: fault-injection', 'kind: tabletop');
    expect(told(problemsOf(tabletop)).join()).toContain('a tabletop cannot have “degrade”');
  });
});
