import type { Roles } from '../core/drill.js';
import type { SituationMeasurement } from '../core/measurement.js';
import { EVALUATOR, holdsRole } from '../core/roles.js';
import type { RubricCriterion } from '../core/rubric.js';
import { type Bilingual, bi } from '../core/text.js';
import { type Judged, notAssessed, type ScoreContext } from './judged.js';

const GRADE_OF_RATING = { 5: 'nothing-lost', 3: 'within-rpo', 1: 'beyond-rpo' } as const;
const ABOUT_BACKUPS = /back-?up|备份/i;

/** In a tabletop the evaluator rates what the players know of their backups; the mean of the grades counts. */
export function byRatings({ m, opened }: ScoreContext, criterion: RubricCriterion): Judged {
  if (m.people.scripted) {
    return notAssessed(bi('ratings from an answers file are no evidence', '答案文件中的评分不能作为证据'));
  }
  const given = m.people.situations.filter(
    (s) => s.rating !== null && [s.tell, s.expected].some((t) => ABOUT_BACKUPS.test(t.en + t.zh)),
  );
  const doubts = given.flatMap((s) => whyNotCounted(s, opened.drill.roles) ?? []);
  const rated = given.filter((s) => whyNotCounted(s, opened.drill.roles) === null);
  if (rated.length === 0 || criterion.grades === 'proportional') {
    const none = bi('no answer about backups was rated', '没有关于备份的回答得到评分');
    const why = doubts.length === 0 ? none : notCounted(doubts);
    return notAssessed(
      why,
      given.flatMap((s) => s.evidence),
    );
  }
  const { grades } = criterion;
  const pointsOf = (rating: 1 | 3 | 5): number => grades.find((g) => g.id === GRADE_OF_RATING[rating])?.points ?? 0;
  const points = rated.map((s) => (s.rating === null ? 0 : pointsOf(s.rating)));
  const raters = [...new Set(rated.map((s) => s.ratedBy))].join(', ');
  const ratings = rated.map((s) => `${s.step} ${s.rating}/5`).join(', ');
  const more = doubts.length === 0 ? bi('', '') : notCounted(doubts);
  return {
    state: 'assessed',
    share: points.reduce((a, b) => a + b, 0) / points.length / criterion.possible,
    reason: bi(
      `answers about backups, rated by ${raters}: ${ratings}${more.en && `; ${more.en}`}`,
      `关于备份的回答，由 ${raters} 评分：${ratings}${more.zh && `；${more.zh}`}`,
    ),
    evidence: given.flatMap((s) => s.evidence),
  };
}

/** A rating is evidence with a name: that of an evaluator, who does not rate an answer of their own. */
function whyNotCounted({ step, ratedBy, answeredBy }: SituationMeasurement, roles: Roles): Bilingual | null {
  if (ratedBy === null) return bi(`${step}: nobody signed the rating`, `${step}：评分没有署名`);
  if (holdsRole(roles, EVALUATOR, ratedBy) !== true) {
    return bi(`${step}: ${ratedBy} is not an evaluator of this drill`, `${step}：${ratedBy} 不是本次演练的评估员`);
  }
  if (ratedBy !== answeredBy) return null;
  return bi(`${step}: ${ratedBy} rated an answer of their own`, `${step}：${ratedBy} 给自己的回答评分`);
}

const notCounted = (doubts: readonly Bilingual[]): Bilingual =>
  bi(
    `ratings that do not count: ${doubts.map((doubt) => doubt.en).join(', ')}`,
    `不计入的评分：${doubts.map((doubt) => doubt.zh).join('、')}`,
  );
