/** A tree of decisions as the recovery plan has it: each answer leads somewhere, and always to the same. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DECISION_ANSWERS, type DecisionAnswer, type DecisionTree } from '../../src/core/plan-decision.js';
import { builtInRecoveryPlan } from '../../src/plan/index.js';
import { isSwitch, walkTree } from '../../src/run/decision/tree.js';

const builtIn = (): DecisionTree => {
  const tree = builtInRecoveryPlan().decision?.switchover;
  if (tree === undefined) throw new Error('the built-in plan has the tree of §6.3');
  return tree;
};

async function walked(tree: DecisionTree, answers: Readonly<Record<string, DecisionAnswer>>) {
  const asked: string[] = [];
  const outcome = await walkTree(tree, async (id, { fact }) => {
    asked.push(id);
    return answers[fact] ?? 'unknown';
  });
  return { asked, outcome };
}

describe('the tree of seed §6.3', () => {
  it.each([
    [{ 'repairable-in-place': 'yes' }, 'repair-in-place', 1],
    [{ 'repairable-in-place': 'no', 'usable-backup': 'no' }, 're-register', 2],
    [{ 'repairable-in-place': 'no', 'usable-backup': 'yes', 'standby-ready': 'yes' }, 'switch-now', 3],
    [{ 'repairable-in-place': 'no', 'usable-backup': 'yes', 'standby-ready': 'no' }, 'request-resources', 3],
    // Nobody switches to a site of which nobody can tell.
    [{}, 'request-resources', 3],
  ] as const)('%j comes to %s', async (answers, outcome, asked) => {
    const found = await walked(builtIn(), answers);
    expect(found.outcome).toBe(outcome);
    expect(found.asked).toHaveLength(asked);
  });

  it('ends for all answers at an outcome that it has, and asks nothing twice', async () => {
    const answer = fc.constantFrom(...DECISION_ANSWERS);
    await fc.assert(
      fc.asyncProperty(
        fc.record({ 'repairable-in-place': answer, 'usable-backup': answer, 'standby-ready': answer }),
        async (answers) => {
          const { asked, outcome } = await walked(builtIn(), answers);
          expect(Object.keys(builtIn().outcomes)).toContain(outcome);
          expect(new Set(asked).size).toBe(asked.length);
        },
      ),
    );
  });

  it('shows the costs of a switch, and of nothing else', () => {
    const switches = Object.keys(builtIn().outcomes).filter((outcome) => isSwitch(builtIn(), outcome));
    expect(switches).toEqual(['switch-now']);
  });

  it('says so when it leads nowhere or in a circle', async () => {
    const tree = builtIn();
    const asks = tree.questions.repairable;
    if (asks === undefined) throw new Error('it begins with the repair');
    const to = (next: string): DecisionTree => ({
      ...tree,
      questions: { repairable: { ...asks, branches: { yes: next, no: next, unknown: next } } },
    });
    await expect(walked(to('nowhere'), {})).rejects.toThrow('neither a question nor an outcome');
    await expect(walked(to('repairable'), {})).rejects.toThrow('comes back to repairable');
  });
});
