import type { Issue } from '../../core/result.js';
import { type Bilingual, bi } from '../../core/text.js';
import type { Dates } from '../text/format.js';
import { moment, span } from '../text/format.js';
import { actionText } from '../text/review.js';
import { good, type Mark, plain, warn } from '../text/words.js';
import {
  type Block,
  type Cell,
  cell,
  code,
  column,
  EVIDENCE_COLUMN,
  type Facts,
  marked,
  proof,
  type Section,
  same,
} from './model.js';

export const issuesSection = (facts: Facts): Section => ({
  id: 'issues',
  title: bi('Issues and improvement plan', '问题与改进计划'),
  blocks: [issuesTable(facts), ...improvementPlan(facts), problemsTable(facts)],
});

const STATUS: Readonly<Record<Issue['status'], Mark>> = {
  new: plain(bi('new', '新')),
  open: warn(bi('open', '未关闭')),
  reopened: warn(bi('reopened', '重新打开')),
};

const dueText = (issue: Issue, dates: Dates): Bilingual =>
  issue.due === null ? bi('no deadline', '无期限') : dates.full(issue.due);

export const issuesTable = ({ result, dates }: Pick<Facts, 'result' | 'dates'>): Block => ({
  kind: 'table',
  caption: bi('Issues found by this run', '本次运行发现的问题'),
  columns: [
    column('Priority', '优先级'),
    column('Issue', '编号'),
    column('What', '内容', { wide: true }),
    column('Owner', '负责人'),
    column('Due', '期限'),
    column('Status', '状态'),
    column('Seen in runs', '出现次数', { number: true }),
    EVIDENCE_COLUMN,
  ],
  rows: result.issues.map((issue) => [
    cell(issue.priority),
    code(issue.id),
    cell(issue.title, { note: issue.detail }),
    cell(issue.owner),
    cell(dueText(issue, dates)),
    marked(STATUS[issue.status]),
    cell(String(issue.seen)),
    proof(issue.evidence),
  ]),
  empty: bi('This run found no issue.', '本次运行未发现问题。'),
});

/** PDCA per issue (seed §8.5): what is wrong, who does what until when, what proves it, where it stands. */
function improvementPlan({ result, dates }: Facts): readonly Block[] {
  if (result.issues.length === 0) return [];
  return [
    {
      kind: 'table',
      caption: bi('Improvement plan (PDCA)', '改进计划（PDCA）'),
      columns: [
        column('Plan: the problem', '计划：问题', { wide: true }),
        column('Do: who, until when', '执行：负责人与期限', { wide: true }),
        column('Check: passes again in a later drill', '检查：后续演练须通过'),
        column('Act: closes with', '处理：关闭方式'),
      ],
      rows: result.issues.map((issue) => [
        cell(issue.title, {
          note:
            issue.rootCause === null
              ? bi('root cause not recorded', '根本原因未记录')
              : bi(`root cause: ${issue.rootCause.text}`, `根本原因：${issue.rootCause.text}`),
        }),
        doCell(issue, dates),
        issue.step === null
          ? code(issue.rule)
          : cell(same(issue.rule), { code: true, note: bi(`step ${issue.step}`, `步骤 ${issue.step}`) }),
        code(`firedrill issues close ${issue.id} --verified-by RUN`),
      ]),
      empty: bi('Nothing to improve was found.', '没有需要改进之处。'),
    },
  ];
}

function doCell(issue: Issue, dates: Dates): Cell {
  if (issue.actions.length === 0) return cell(same(issue.owner), { note: dueText(issue, dates) });
  const texts = issue.actions.map((action) => actionText(action, dates));
  const due = dueText(issue, dates);
  return cell(bi(texts.map(({ en }) => en).join(' · '), texts.map(({ zh }) => zh).join(' · ')), {
    note: bi(`deadline of the issue: ${due.en}`, `问题期限：${due.zh}`),
  });
}

const problemsTable = ({ result }: Facts): Block => ({
  kind: 'table',
  caption: bi('Problems recorded during the run', '运行期间记录的问题'),
  columns: [
    column('Problem', '编号'),
    column('Priority', '优先级'),
    column('What', '内容', { wide: true }),
    column('Recorded', '记录于', { number: true }),
    column('Solved', '解决于', { number: true }),
    column('How', '如何解决', { wide: true }),
    column('Fallback', '后备手段'),
    EVIDENCE_COLUMN,
  ],
  rows: result.problems.map((problem) => [
    code(problem.id),
    cell(problem.priority),
    cell(problem.title),
    cell(problem.openedMs === null ? bi('–', '–') : moment(problem.openedMs), {
      note: bi(`by ${problem.openedBy}`, `记录人：${problem.openedBy}`),
    }),
    problem.solvedMs === null
      ? marked(warn(bi('not solved', '未解决')))
      : cell(moment(problem.solvedMs), {
          note: bi(`after ${span(problem.responseMs).en}`, `用时 ${span(problem.responseMs).zh}`),
        }),
    cell(problem.solution ?? bi('–', '–')),
    problem.fallback === null ? cell('–') : marked(FALLBACK[problem.fallback]),
    proof(problem.evidence),
  ]),
  empty: bi('No problem was recorded during the run.', '运行期间没有记录问题。'),
});

const FALLBACK: Readonly<Record<'worked' | 'failed', Mark>> = {
  worked: good(bi('worked', '有效')),
  failed: warn(bi('failed', '无效')),
};
