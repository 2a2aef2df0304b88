import type { StepMeasurement } from '../../core/measurement.js';
import type { Result } from '../../core/result.js';
import { type Bilingual, bi } from '../../core/text.js';
import { gantt } from '../svg/gantt.js';
import { moment, span } from '../text/format.js';
import { good, OUTCOME, PHASE, warn } from '../text/words.js';
import {
  type Block,
  type Cell,
  cell,
  column,
  EVIDENCE_COLUMN,
  type Facts,
  marked,
  proof,
  type Section,
  same,
} from './model.js';

export const stepsSection = ({ result }: Facts): Section => ({
  id: 'steps',
  title: bi('Steps', '步骤'),
  blocks: [chart(result.steps), stepsTable(result), contentsTable(result), ...plannedFold(result)],
});

const titleOf = (step: StepMeasurement): Bilingual => step.title ?? same(step.id);

const chart = (steps: readonly StepMeasurement[]): Block => ({
  kind: 'chart',
  id: 'chart-steps',
  caption: bi('Steps: planned (outline) and actual (filled)', '步骤：计划（框线）与实际（实心）'),
  image: steps.every((step) => step.startMs === null)
    ? null
    : gantt({
        captionId: 'chart-steps',
        rows: steps.map((step) => ({
          title: titleOf(step),
          phase: PHASE[step.phase],
          mark: OUTCOME[step.outcome],
          startMs: step.startMs,
          endMs: step.endMs,
          expectMs: step.expectMs,
        })),
      }),
  empty: bi('No chart: no step began.', '无图：没有任何步骤开始。'),
});

const stepsTable = ({ steps }: Result): Block => ({
  kind: 'table',
  caption: bi('Steps, by whom, planned and actual', '步骤：由谁执行、计划与实际'),
  columns: [
    column('Phase', '阶段'),
    column('Step', '步骤', { wide: true }),
    column('Verb', '动作'),
    column('By', '执行角色'),
    column('Outcome', '结果'),
    column('Began', '开始', { number: true }),
    column('Took', '用时', { number: true }),
    column('Planned', '计划', { number: true }),
    EVIDENCE_COLUMN,
  ],
  rows: steps.map((step) => [
    cell(PHASE[step.phase]),
    step.title === null ? cell(same(step.id), { code: true }) : cell(step.title, { note: same(step.id) }),
    cell(step.verb),
    byCell(step),
    step.reason === null ? marked(OUTCOME[step.outcome]) : marked(OUTCOME[step.outcome], { note: step.reason }),
    cell(step.startMs === null ? bi('–', '–') : moment(step.startMs)),
    tookCell(step),
    cell(step.expectMs === null ? bi('–', '–') : span(step.expectMs)),
    proof(step.evidence),
  ]),
  empty: bi('No step began.', '没有任何步骤开始。'),
});

const ASKS_PEOPLE: ReadonlySet<StepMeasurement['verb']> = new Set(['manual', 'document', 'situation']);

function byCell(step: StepMeasurement): Cell {
  const role = step.by ?? (ASKS_PEOPLE.has(step.verb) ? '–' : 'Firedrill');
  return step.answeredBy === null ? cell(role) : cell(same(role), { note: same(step.answeredBy) });
}

function tookCell(step: StepMeasurement): Cell {
  if (step.startMs === null) return cell('–');
  if (step.endMs === null) return cell(bi('no end seen', '未见结束'));
  const took = span(step.endMs - step.startMs);
  return step.late ? cell(took, { note: bi('late', '超时') }) : cell(took);
}

const contentsTable = ({ contents }: Result): Block => ({
  kind: 'table',
  caption: bi('What each phase must contain', '各阶段应包含的内容'),
  columns: [
    column('Phase', '阶段'),
    column('What', '内容', { wide: true }),
    column('There', '是否具备'),
    EVIDENCE_COLUMN,
  ],
  rows: contents.map((item) => [
    cell(PHASE[item.phase]),
    cell(item.text),
    marked(item.present ? good(bi('yes', '是')) : warn(bi('left out', '遗漏'))),
    proof(item.evidence),
  ]),
  empty: bi('Nothing is required of the phases in this run.', '本次运行对各阶段没有内容要求。'),
});

function plannedFold({ plannedSteps }: Result): readonly Block[] {
  if (plannedSteps.length === 0) return [];
  return [
    {
      kind: 'fold',
      summary: bi(
        `The plan as it was bound before the run: ${plannedSteps.length} steps`,
        `运行前绑定的计划：${plannedSteps.length} 步`,
      ),
      blocks: [
        {
          kind: 'table',
          caption: bi('Planned steps', '计划步骤'),
          columns: [
            column('Phase', '阶段'),
            column('Step', '步骤'),
            column('What', '内容', { wide: true }),
            column('Nodes', '节点'),
            column('Undo', '撤销', { wide: true }),
            column('Voters left', '剩余投票节点', { number: true }),
          ],
          rows: plannedSteps.map((step) => [
            cell(PHASE[step.phase]),
            cell(same(step.id), { code: true }),
            step.irreversible === null ? cell(step.summary) : cell(step.summary, { note: step.irreversible }),
            cell(step.nodes.length === 0 ? '–' : step.nodes.join(', ')),
            cell(step.undo ?? bi('–', '–')),
            cell(step.votersLeft === null ? '–' : String(step.votersLeft)),
          ]),
          empty: bi('Nothing was planned.', '没有计划步骤。'),
        },
      ],
    },
  ];
}
