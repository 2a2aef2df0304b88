import type { EventOf } from '../core/journal.js';
import type { Evidence, Measurements } from '../core/measurement.js';
import type { RubricCriterion } from '../core/rubric.js';
import type { Bilingual } from '../core/text.js';

export interface ScoreContext {
  readonly m: Measurements;
  readonly opened: EventOf<'run.opened'>;
}

/** What a rule makes of the evidence; the points come from the rubric. */
export type Judged =
  | { readonly state: 'assessed'; readonly share: number; readonly reason: Bilingual; readonly evidence: Evidence }
  | { readonly state: 'assessed'; readonly grade: string; readonly reason: Bilingual; readonly evidence: Evidence }
  | { readonly state: 'not-assessed' | 'not-applicable'; readonly reason: Bilingual; readonly evidence: Evidence };

export type CriterionRule = (context: ScoreContext, criterion: RubricCriterion) => Judged;

export const notAssessed = (reason: Bilingual, evidence: Evidence = []): Judged => ({
  state: 'not-assessed',
  reason,
  evidence,
});
export const notApplicable = (reason: Bilingual): Judged => ({ state: 'not-applicable', reason, evidence: [] });

/** One thing that holds or does not; `why` names what failed. */
export interface ShareItem {
  readonly holds: boolean;
  readonly why: Bilingual;
  readonly evidence: Evidence;
}

/** The share that holds, with every one that does not named. */
export function shareOf(items: readonly ShareItem[], allGood: Bilingual): Judged {
  const bad = items.filter((item) => !item.holds);
  const counted = `${items.length - bad.length}/${items.length}`;
  return {
    state: 'assessed',
    share: (items.length - bad.length) / items.length,
    reason:
      bad.length === 0
        ? { en: `${counted}: ${allGood.en}`, zh: `${counted}：${allGood.zh}` }
        : {
            en: `${counted}; not: ${bad.map((item) => item.why.en).join('; ')}`,
            zh: `${counted}；未满足：${bad.map((item) => item.why.zh).join('；')}`,
          },
    evidence: items.flatMap((item) => item.evidence),
  };
}
