import type { Result } from '../../core/result.js';
import { type Bilingual, bi } from '../../core/text.js';
import { pointsOf } from '../result/previous.js';
import { formatNumber, span } from '../text/format.js';
import { OUTCOME } from '../text/words.js';
import { type Block, cell, column, type Facts, type Section } from './model.js';

type Previous = NonNullable<Result['previous']>;

export const comparisonSection = (facts: Facts): Section => ({
  id: 'comparison',
  title: bi('Compared with the last drill', '与上次演练对比'),
  blocks:
    facts.result.previous === null
      ? [
          {
            kind: 'text',
            text: bi(
              'This is the first run of this drill here: there is nothing to compare with.',
              '这是本演练在此处的首次运行：没有可对比的对象。',
            ),
          },
        ]
      : compared(facts, facts.result.previous),
});

function compared({ result, dates }: Facts, previous: Previous): readonly Block[] {
  return [
    {
      kind: 'text',
      text: bi(
        `Last run: ${previous.runId}, ${dates.full(previous.startedAt).en}.`,
        `上次运行：${previous.runId}，${dates.full(previous.startedAt).zh}。`,
      ),
    },
    ...(previous.why === null ? [] : [{ kind: 'text', strong: true, text: previous.why } as const]),
    {
      kind: 'table',
      caption: bi('This run beside the last', '本次与上次'),
      columns: [
        column('What', '项目'),
        column('Last', '上次', { number: true }),
        column('This run', '本次', { number: true }),
      ],
      rows: [...summaryRows(result, previous), ...criteriaRows(result, previous)],
      empty: bi('Nothing to compare.', '没有可对比的项目。'),
    },
    issueFacts(previous),
  ];
}

const points = (value: number | null | undefined): Bilingual =>
  value === null || value === undefined ? bi('none', '无') : bi(formatNumber(value, 1), formatNumber(value, 1));

function summaryRows(result: Result, previous: Previous) {
  const rto = result.objectives.find((objective) => objective.id === 'rto')?.measuredMs ?? null;
  return [
    [cell(bi('Outcome', '结果')), cell(OUTCOME[previous.outcome].text), cell(OUTCOME[result.outcome].text)],
    [cell(bi('Score of 100', '百分制得分')), cell(points(previous.percent)), cell(points(result.score?.percent))],
    [cell(bi('Recovery time', '恢复时间')), cell(span(previous.rtoMs)), cell(span(rto))],
    [cell(bi('Records lost', '丢失记录')), cell(points(previous.lostRecords)), cell(points(result.loss?.records))],
  ];
}

/** Points per criterion mean something only under one rubric and one topology. */
function criteriaRows(result: Result, previous: Previous) {
  if (!previous.comparable) return [];
  const now = pointsOf(result.score);
  const titles = (result.score?.dimensions ?? []).flatMap((dimension) => dimension.criteria);
  return titles.map((criterion) => [
    cell(criterion.title),
    cell(points(previous.criteria[criterion.id])),
    cell(points(now[criterion.id])),
  ]);
}

const issueFacts = (previous: Previous): Block => ({
  kind: 'facts',
  rows: [
    { label: bi('Issues new', '新问题'), cell: cell(list(previous.fresh)) },
    { label: bi('Issues reopened', '重新打开'), cell: cell(list(previous.reopened)) },
    { label: bi('Issues closed', '已关闭'), cell: cell(list(previous.closed)) },
  ],
});

const list = (ids: readonly string[]): Bilingual =>
  ids.length === 0 ? bi('none', '无') : bi(ids.join(', '), ids.join('、'));
