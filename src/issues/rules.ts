import type { IssueRule } from './rule.js';
import { DATA_RULES } from './rules-data.js';
import { DEGRADATION_RULES } from './rules-degradation.js';
import { PEOPLE_RULES } from './rules-people.js';
import { RECOVERY_RULES } from './rules-recovery.js';
import { STEP_RULES } from './rules-steps.js';

/** Every rule; a new one is a new row in one of these lists. */
export const ISSUE_RULES: readonly IssueRule[] = [
  ...RECOVERY_RULES,
  ...DATA_RULES,
  ...DEGRADATION_RULES,
  ...STEP_RULES,
  ...PEOPLE_RULES,
];

const BY_PERSON = new Set(ISSUE_RULES.filter((rule) => rule.retestable === false).map((rule) => rule.id));
/** A rule of an older version that is not known any more cannot be tested again either. */
export const isRetestable = (ruleId: string): boolean =>
  ISSUE_RULES.some((rule) => rule.id === ruleId) && !BY_PERSON.has(ruleId);
