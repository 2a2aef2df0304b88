import type { DecisionMeasurement } from '../core/measurement.js';
import { holdsRole } from '../core/roles.js';
import { bilingual } from '../core/text.js';
import type { EventIndex } from './event-index.js';

export function measureDecisions(index: EventIndex): readonly DecisionMeasurement[] {
  const answers = index.of('decision.answered');
  return index.of('decision.made').map((made) => {
    const { step, tree, outcome, treeOutcome, by, answeredBy, reason, costs, seq } = made;
    return {
      step,
      tree,
      title: bilingual(made.title),
      outcome,
      outcomeTitle: bilingual(made.outcomeTitle),
      treeOutcome,
      overridden: outcome !== treeOutcome,
      by,
      answeredBy,
      rightPerson:
        by === null || answeredBy === null || index.opened === null
          ? null
          : holdsRole(index.opened.drill.roles, by, answeredBy),
      reason,
      answers: answers
        .filter((answer) => made.evidence.includes(answer.seq))
        .map(({ question, ask, fact, answer, why, values, where, ...row }) => ({
          question,
          ask: bilingual(ask),
          fact,
          answer,
          why,
          values,
          where,
          answeredBy: row.answeredBy,
          evidence: [row.seq, ...row.evidence],
        })),
      costs,
      evidence: [...made.evidence, seq],
    };
  });
}
