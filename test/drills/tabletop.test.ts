import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliHome, cliHome } from '../support/cli.js';
import { expectNothingLeft, runDrill } from './scene.js';

const DRILL = 'drills/datacenter-power-loss.drill.yaml';
const ANSWERS = ['--answers', 'drills/answers/datacenter-power-loss.answers.yaml'];
const LIMIT_MS = 60_000;

describe('the shipped tabletop', () => {
  let home: CliHome;
  beforeAll(() => {
    home = cliHome(30_500);
  });
  afterAll(() => home?.dispose());

  test(
    'answered from a file proves the tool, not people: played to the end, and not scored',
    async () => {
      const { code, stdout, result, of } = await runDrill(home, DRILL, ANSWERS);
      expect(code).toBe(1);
      expect(result).toMatchObject({ valid: true, invalidBecause: [], outcome: 'fail', endedEarly: null });
      expect(result.score).toMatchObject({ percent: null, assessable: 7, earned: 7 });
      const criteria = result.score?.dimensions.flatMap((dimension) => dimension.criteria) ?? [];
      const states = Object.fromEntries(criteria.map(({ id, state }) => [id, state]));
      expect(states).toEqual({
        rto: 'not-assessed',
        integrity: 'not-assessed',
        'plan-followed': 'not-assessed',
        roles: 'not-assessed',
        'nothing-left-out': 'assessed',
        'solved-quickly': 'not-applicable',
        fallback: 'not-applicable',
        decisions: 'not-applicable',
      });
      // 5 + 5 + the slowest of 15, 10 and 12 minutes.
      expect(result.objectives).toMatchObject([
        { id: 'rto', measuredMs: 25 * 60_000, limitMs: 30 * 60_000, verdict: 'within' },
      ]);
      expect(stdout).toContain('rto: 25m / 30m → within');
      expect(result.steps.filter(({ outcome }) => outcome !== 'pass')).toEqual([]);
      expect(of('situation.played').map(({ played }) => played)).toEqual(Array.from({ length: 9 }, () => true));
      expect(result.milestones.filter(({ state }) => state === 'late')).toEqual([]);
      expect(result.milestones.find(({ id }) => id === 'T+0')).toMatchObject({ state: 'on-time', actualMs: 0 });
    },
    LIMIT_MS,
  );

  test(
    'a document answered no is a finding about that document, and the only one',
    async () => {
      const { result } = await runDrill(home, DRILL, ANSWERS);
      expect(result.issues.map(({ rule, priority }) => `${priority} ${rule}`)).toEqual(['P2 document-outdated']);
      expect(result.issues[0]?.title.en).toContain('Emergency contacts');
      expect(result.problems).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    'touches nothing, and speaks Chinese',
    async () => {
      const { stdout, stderr, result } = await runDrill(home, DRILL, [...ANSWERS, '--lang', 'zh']);
      expect(stdout).toContain('未通过');
      expect(stderr).toMatch(/阶段.*准备/u);
      expect(result.faults).toEqual([]);
      expect(result.environment.target).toBeNull();
      expectNothingLeft(home);
    },
    LIMIT_MS,
  );

  test(
    'with nobody to ask nothing counts as done',
    async () => {
      const { code, result } = await runDrill(home, DRILL);
      expect(code).toBe(7);
      expect(result).toMatchObject({ valid: false, score: null });
      expect(result.steps.filter(({ outcome }) => outcome === 'pass')).toEqual([]);
    },
    LIMIT_MS,
  );
});
