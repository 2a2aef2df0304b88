/** Measurements → score: a pure function; every point has its rule, its reason and its evidence. */
import { invariant } from '../core/errors.js';
import type { EventOf } from '../core/journal.js';
import type { Measurements } from '../core/measurement.js';
import type { Score, ScoreCriterion, ScoreDimension } from '../core/result.js';
import type { RubricCriterion, RubricDimension } from '../core/rubric.js';
import { type Bilingual, bi, bilingual } from '../core/text.js';
import { CRITERIA } from './criteria.js';
import type { Judged, ScoreContext } from './judged.js';

export { explain } from './explain.js';
export { parseRubric } from './rubric.js';
export { verdict } from './verdict.js';

export interface Scoring {
  readonly score: Score | null;
  /** Why there is no score, or no total; null when there is one. */
  readonly noScore: Bilingual | null;
}

/** A run that is not valid has no score; with too few assessable points it has parts but no total. */
export function score(m: Measurements, opened: EventOf<'run.opened'>): Scoring {
  if (!m.validity.valid) return { score: null, noScore: notValid(m) };
  const { rubric, drill } = opened;
  const dimensions = rubric.dimensions.map((dimension) => scoreDimension({ m, opened }, dimension));
  const criteria = dimensions.flatMap((dimension) => dimension.criteria);
  const assessed = criteria.filter((criterion) => criterion.state === 'assessed');
  const earned = round1(sum(assessed.map((criterion) => criterion.earned)));
  const assessable = round1(sum(assessed.map((criterion) => criterion.possible)));
  const total = assessable >= rubric.minAssessable && assessable > 0;
  return {
    score: {
      earned,
      assessable,
      percent: total ? round1((earned / assessable) * 100) : null,
      passMark: drill.scoring.pass,
      rubric: `${rubric.id}@${rubric.version}`,
      dimensions,
    },
    noScore: total ? null : tooLittle(assessable, rubric.minAssessable),
  };
}

function scoreDimension(context: ScoreContext, dimension: RubricDimension): ScoreDimension {
  const criteria = dimension.criteria.map((criterion) => scoreCriterion(context, criterion));
  return {
    id: dimension.id,
    title: bilingual(dimension.title),
    earned: round1(sum(criteria.map((criterion) => criterion.earned))),
    possible: dimension.possible,
    criteria,
  };
}

function scoreCriterion(context: ScoreContext, criterion: RubricCriterion): ScoreCriterion {
  const rule = CRITERIA[criterion.id];
  invariant(rule !== undefined, `the rubric was read, so criterion ${criterion.id} has a rule`);
  const judged = rule(context, criterion);
  const { earned, grade } = pointsOf(judged, criterion);
  const { reason } = judged;
  return {
    id: criterion.id,
    title: bilingual(criterion.title),
    earned,
    possible: criterion.possible,
    state: judged.state,
    rule: bilingual(criterion.rule),
    source: criterion.source,
    reason: grade === null ? reason : bi(`${grade.en}: ${reason.en}`, `${grade.zh}：${reason.zh}`),
    evidence: [...new Set(judged.evidence)].sort((a, b) => a - b),
  };
}

function pointsOf(
  judged: Judged,
  { grades, possible }: RubricCriterion,
): { readonly earned: number; readonly grade: Bilingual | null } {
  if (judged.state !== 'assessed') return { earned: 0, grade: null };
  if ('share' in judged) return { earned: round1(possible * judged.share), grade: null };
  const reached = grades === 'proportional' ? undefined : grades.find((grade) => grade.id === judged.grade);
  invariant(reached !== undefined, `the rubric has the grade ${judged.grade}`);
  return { earned: reached.points, grade: bilingual(reached.label) };
}

function notValid(m: Measurements): Bilingual {
  const { because } = m.validity;
  return bi(
    `not scored, the run is not valid: ${because.map((reason) => reason.text.en).join('; ')}`,
    `不评分，运行无效：${because.map((reason) => reason.text.zh).join('；')}`,
  );
}

const tooLittle = (assessable: number, least: number): Bilingual =>
  bi(
    `no total: only ${assessable} of 100 points could be assessed, at least ${least} are needed`,
    `不给总分：满分 100 分中只有 ${assessable} 分可评，至少需要 ${least} 分`,
  );

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
const round1 = (points: number): number => Math.round(points * 10) / 10;
