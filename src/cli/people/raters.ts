import type { Roles } from '../../core/drill.js';
import { EVALUATOR, holdersOf } from '../../core/roles.js';
import { type Bilingual, bi } from '../../core/text.js';

/** One of these rates, or nobody, and why. */
export type Raters = { readonly people: readonly string[] } | { readonly nobody: Bilingual };

/** Only an evaluator of the drill who is there rates, and never an answer of their own. */
export function ratersOf(roles: Roles, answeredBy: string): Raters {
  const evaluators = holdersOf(roles, EVALUATOR).filter((person) => !roles.unavailable.includes(person));
  const people = evaluators.filter((person) => person !== answeredBy);
  if (people.length > 0) return { people };
  return {
    nobody:
      evaluators.length === 0
        ? bi('nobody who is there holds the role evaluator', '在场人员中无人担任评估员')
        : bi(`${answeredBy} gave this answer and cannot rate it`, `${answeredBy} 是作答人，不能为自己评分`),
  };
}
