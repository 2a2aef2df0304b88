import { invariant, WorldError } from '../../core/errors.js';
import type { DecisionAnswer, DecisionQuestion, DecisionTree } from '../../core/plan-decision.js';
import { bi } from '../../core/text.js';

/** Asks from the first question on until an answer leads to an outcome; returns its name. */
export async function walkTree(
  tree: DecisionTree,
  answer: (id: string, question: DecisionQuestion) => Promise<DecisionAnswer>,
): Promise<string> {
  const seen = new Set<string>();
  for (let at = tree.start; ; ) {
    const question = Object.hasOwn(tree.questions, at) ? tree.questions[at] : undefined;
    if (question === undefined) {
      if (Object.hasOwn(tree.outcomes, at)) return at;
      throw leadsNowhere(at);
    }
    invariant(!seen.has(at), `the decision tree comes back to ${at}`);
    seen.add(at);
    at = question.branches[await answer(at, question)];
  }
}

const leadsNowhere = (name: string): WorldError =>
  new WorldError({
    code: 'tree-broken',
    message: bi(
      `The decision tree leads to “${name}”, which is neither a question nor an outcome.`,
      `决策树指向“${name}”，它既不是问题也不是结果。`,
    ),
  });

/** Where the tree sends those whose standby is ready: there a switch is made, and its costs are shown. */
export const isSwitch = (tree: DecisionTree, outcome: string): boolean =>
  Object.values(tree.questions).some(({ fact, branches }) => fact === 'standby-ready' && branches.yes === outcome);
