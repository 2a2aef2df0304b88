import { decisionsClear, fallbackWorked, solvedQuickly } from './handling.js';
import { dataIntegrity } from './integrity.js';
import type { CriterionRule } from './judged.js';
import { nothingLeftOut, planFollowed, rolesKept } from './process.js';
import { recoveryTime } from './recovery-time.js';

/** Criterion id of the rubric → how the journal answers it. */
export const CRITERIA: Readonly<Record<string, CriterionRule>> = {
  rto: recoveryTime,
  integrity: dataIntegrity,
  'plan-followed': planFollowed,
  roles: rolesKept,
  'nothing-left-out': nothingLeftOut,
  'solved-quickly': solvedQuickly,
  fallback: fallbackWorked,
  decisions: decisionsClear,
};
