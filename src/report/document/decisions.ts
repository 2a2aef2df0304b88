import type { DecisionMeasurement, Evidence } from '../../core/measurement.js';
import type { Result } from '../../core/result.js';
import { type Bilingual, bi } from '../../core/text.js';
import { span } from '../text/format.js';
import { ANSWER, good, plain, warn } from '../text/words.js';
import { type Block, type Cell, cell, code, column, EVIDENCE_COLUMN, marked, proof, same } from './model.js';

/** Each decide step: who decided, what came out, and the way through the tree with what every answer rests on. */
export const decisionTrees = ({ decisionTrees: made }: Result): readonly Block[] => made.flatMap(decisionBlocks);

const decisionBlocks = (decision: DecisionMeasurement): readonly Block[] => [
  {
    kind: 'table',
    caption: bi(`Decision ${decision.step}: ${decision.title.en}`, `决策 ${decision.step}：${decision.title.zh}`),
    columns: [
      column('Question', '问题', { wide: true }),
      column('Answer', '回答'),
      column('Because', '依据', { wide: true }),
      column('Read where', '来源', { wide: true }),
      EVIDENCE_COLUMN,
    ],
    rows: decision.answers.map((row) => [
      cell(row.ask),
      marked(ANSWER[row.answer]),
      cell(row.why, { note: valuesText(row.values) }),
      row.answeredBy === null ? cell(row.where) : cell(row.where, { note: same(row.answeredBy) }),
      proof(row.evidence),
    ]),
    empty: bi('No question was asked.', '没有提出任何问题。'),
  },
  {
    kind: 'table',
    caption: bi(`What came of ${decision.step}`, `${decision.step} 的结论`),
    columns: [column('What', '事项'), column('Told', '内容', { wide: true }), EVIDENCE_COLUMN],
    rows: [outcomeRow(decision), ...overrideRows(decision), ...costRows(decision)],
    empty: bi('Nothing was decided.', '没有做出决策。'),
  },
];

const valuesText = (values: DecisionMeasurement['answers'][number]['values']): Bilingual => {
  const shown = Object.entries(values).map(([name, value]) => `${name} = ${value ?? '?'}`);
  return same(shown.join('; '));
};

type Row = readonly Cell[];
const row = (what: Bilingual, told: Cell, evidence: Evidence = []): Row => [cell(what), told, proof(evidence)];

function outcomeRow({
  outcome,
  outcomeTitle,
  overridden,
  answeredBy,
  rightPerson,
  evidence,
}: DecisionMeasurement): Row {
  const mark = overridden ? warn(bi('overridden', '改判')) : good(bi('as the tree says', '与决策树一致'));
  const role = rightPerson === false ? bi(' (does not hold the role)', '（不担任该角色）') : bi('', '');
  const by =
    answeredBy === null
      ? bi('by the tree alone', '由决策树自动得出')
      : bi(`by ${answeredBy}${role.en}`, `决策人：${answeredBy}${role.zh}`);
  const text = bi(`${outcomeTitle.en} (${outcome}), ${by.en}`, `${outcomeTitle.zh}（${outcome}），${by.zh}`);
  return row(bi('Outcome', '结果'), marked(mark, { note: text }), evidence);
}

const overrideRows = ({ overridden, treeOutcome, reason }: DecisionMeasurement): readonly Row[] =>
  overridden
    ? [
        row(bi('The tree said', '决策树的结果'), code(treeOutcome)),
        row(bi('Overridden because', '改判理由'), cell(reason ?? '?')),
      ]
    : [];

/** Seed §6.3: a switch is not safe by itself. What was not measured is said to be unknown. */
function costRows({ costs }: DecisionMeasurement): readonly Row[] {
  if (costs === null) return [];
  const unknown = bi('not measured', '未测得');
  const lag = costs.dataLagMs === null ? unknown : span(costs.dataLagMs);
  const delay = costs.addedDelayMs === null ? unknown : span(costs.addedDelayMs);
  const planned = costs.delayIsPlanned ? bi(' (by the plan, not measured)', '（按预案，未实测）') : bi('', '');
  return [
    row(bi('Cost: data lag', '代价：数据延迟'), cell(lag)),
    row(
      bi('Cost: added network delay', '代价：增加的网络延迟'),
      cell(bi(`${delay.en}${planned.en}`, `${delay.zh}${planned.zh}`)),
    ),
    row(bi('Cost: cooperation', '代价：业务配合'), marked(plain(costs.owners))),
  ];
}
