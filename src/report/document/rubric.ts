import type { Score, ScoreCriterion, ScoreDimension } from '../../core/result.js';
import { type Bilingual, bi } from '../../core/text.js';
import { formatNumber } from '../text/format.js';
import { bad, CRITERION_STATE, good, type Mark, warn } from '../text/words.js';
import { type Block, cell, column, EVIDENCE_COLUMN, type Facts, marked, proof, type Section } from './model.js';
import { scoreText } from './verdict.js';

export function rubricSection({ result }: Facts): Section {
  const { score } = result;
  return {
    id: 'rubric',
    title: bi('Score', '评分'),
    blocks: [{ kind: 'text', text: scoreText(result), strong: true }, ...(score === null ? [] : scoreBlocks(score))],
  };
}

const scoreBlocks = (score: Score): readonly Block[] => [
  {
    kind: 'table',
    caption: bi(`The four dimensions, by rubric ${score.rubric}`, `四个维度（评分表 ${score.rubric}）`),
    columns: [
      column('Dimension', '维度'),
      column('Earned', '得分', { number: true }),
      column('Assessable', '可评', { number: true }),
      column('Possible', '满分', { number: true }),
    ],
    rows: score.dimensions.map((dimension) => [
      cell(dimension.title),
      points(dimension.earned),
      points(assessable(dimension)),
      points(dimension.possible),
    ]),
    empty: bi('The rubric has no dimensions.', '评分表没有维度。'),
  },
  ...score.dimensions.flatMap(dimensionBlocks),
];

const points = (value: number) => cell(formatNumber(value, 1));
const assessable = ({ criteria }: ScoreDimension): number =>
  criteria.reduce((sum, criterion) => sum + (criterion.state === 'assessed' ? criterion.possible : 0), 0);

const isFull = (criterion: ScoreCriterion): boolean =>
  criterion.state === 'assessed' && criterion.earned === criterion.possible;

function dimensionBlocks(dimension: ScoreDimension): readonly Block[] {
  const full = dimension.criteria.filter(isFull);
  const rest = dimension.criteria.filter((criterion) => !isFull(criterion));
  const amount = `${formatNumber(dimension.earned, 1)} / ${formatNumber(dimension.possible, 1)}`;
  return [
    ...(rest.length === 0 ? [] : [criteriaTable(dimension.title, rest)]),
    ...(full.length === 0
      ? []
      : [
          {
            kind: 'fold',
            summary: bi(
              `${dimension.title.en} ${amount}: ${full.length} of ${dimension.criteria.length} with full marks`,
              `${dimension.title.zh} ${amount}：${dimension.criteria.length} 项中有 ${full.length} 项满分`,
            ),
            blocks: [criteriaTable(fullTitle(dimension), full)],
          } as const,
        ]),
  ];
}

/** Assessed is neither good nor bad: the mark says whether points were lost. */
function stateMark(criterion: ScoreCriterion): Mark {
  const { text } = CRITERION_STATE[criterion.state];
  if (criterion.state !== 'assessed') return CRITERION_STATE[criterion.state];
  if (isFull(criterion)) return good(text);
  return criterion.earned === 0 ? bad(text) : warn(text);
}

const fullTitle = ({ title }: ScoreDimension): Bilingual => bi(`${title.en}: full marks`, `${title.zh}：满分项`);

const criteriaTable = (caption: Bilingual, criteria: readonly ScoreCriterion[]): Block => ({
  kind: 'table',
  caption,
  columns: [
    column('Criterion', '评分项'),
    column('Earned', '得分', { number: true }),
    column('Possible', '满分', { number: true }),
    column('State', '状态'),
    column('Rule', '规则', { wide: true }),
    column('Reason', '理由', { wide: true }),
    EVIDENCE_COLUMN,
  ],
  rows: criteria.map((criterion) => [
    cell(criterion.title),
    criterion.state === 'assessed' ? points(criterion.earned) : cell('–'),
    points(criterion.possible),
    marked(stateMark(criterion)),
    cell(criterion.rule, {
      note: criterion.source === 'ours' ? bi('our addition to the seed', '我们的补充') : bi('seed §8.4', '原文 §8.4'),
    }),
    cell(criterion.reason),
    proof(criterion.evidence),
  ]),
  empty: bi('No criterion.', '没有评分项。'),
});
