/** The review of the run and what earlier drills left to do: Plan, Do, Check, Act (seed §8.3, §8.5). */
import type { CarriedOver, Result } from '../../core/result.js';
import type { ChangedThing, Review, Said } from '../../core/review.js';
import { type Bilingual, bi } from '../../core/text.js';
import type { Dates } from '../text/format.js';
import { actionText, causeText } from '../text/review.js';
import { good, type Mark, plain, unsure, warn } from '../text/words.js';
import { type Block, type Cell, cell, code, column, type Facts, marked, type Section, same } from './model.js';

export const reviewSection = (facts: Facts): Section => ({
  id: 'review',
  title: bi('Review and improvement (PDCA)', '复盘与改进（PDCA）'),
  blocks: [
    ...unreviewed(facts.result),
    circleTable(facts),
    carriedOverTable(facts),
    ...(facts.result.review === null
      ? []
      : [saidTable(facts, facts.result.review), attendanceTable(facts.result.review)]),
  ],
});

function unreviewed({ review, runId }: Result): readonly Block[] {
  if (review?.broken) {
    const { line, why } = review.broken;
    const text = bi(
      `The review file was changed: its line ${line} ${why.en}. Nothing from there on is believed.`,
      `复盘文件被改动过：第 ${line} 行${why.zh}。自该行起均不采信。`,
    );
    return [{ kind: 'text', strong: true, text }];
  }
  if (review !== null) return [];
  const command = `firedrill review ${runId}`;
  return [
    {
      kind: 'text',
      text: bi(`This run has not been reviewed yet: ${command}`, `本次运行尚未复盘：${command}`),
    },
  ];
}

interface Line {
  readonly text: Bilingual;
  readonly said: Said | null;
}

const CHANGED: Readonly<Record<ChangedThing, Bilingual>> = {
  plan: bi('recovery plan', '恢复预案'),
  manual: bi('manual', '操作手册'),
  'backup-policy': bi('backup policy', '备份策略'),
};

const changedLines = (review: Review | null, policy: boolean): readonly Line[] =>
  (review?.changed ?? [])
    .filter(({ what }) => (what === 'backup-policy') === policy)
    .map(({ what, text, where, ...said }) => {
      const place = where === null ? bi('', '') : bi(` (${where})`, `（${where}）`);
      return { text: bi(`${CHANGED[what].en}: ${text}${place.en}`, `${CHANGED[what].zh}：${text}${place.zh}`), said };
    });

/** The four steps with what the drill before left and what this one adds; one row each, so that an empty one shows. */
function circleTable({ result, dates }: Facts): Block {
  const { review, carriedOver, issues } = result;
  const last = carriedOver.last?.review ?? null;
  const actions = (from: Review | null): readonly Line[] => [
    ...(from?.actions ?? []).map((row) => ({ text: withIssue(row.issue, actionText(row, dates)), said: row })),
    ...changedLines(from, true),
  ];
  const kept = (from: Review | null): readonly Line[] =>
    (from?.kept ?? []).map(({ text, ...said }) => ({ text: same(text), said }));
  const causes = (from: Review | null): readonly Line[] =>
    (from?.rootCauses ?? []).map((row) => ({ text: withIssue(row.issue, causeText(row)), said: row }));
  const rows: readonly (readonly [Bilingual, readonly Line[], readonly Line[]])[] = [
    [
      bi('Plan: causes found, plan updated', '计划：查明原因、更新预案'),
      [...causes(last), ...changedLines(last, false)],
      [...causes(review), ...changedLines(review, false)],
    ],
    [bi('Do: actions, backup policy', '执行：改进措施、备份策略'), actions(last), actions(review)],
    [bi('Check: what the new drill showed', '检查：新演练的效果'), [], [{ text: effect(carriedOver), said: null }]],
    [
      bi('Act: kept as standard, new problems', '处理：固化标准、新问题'),
      kept(last),
      [...kept(review), { text: newProblems(issues), said: null }],
    ],
  ];
  const ran = carriedOver.last;
  return {
    kind: 'table',
    caption: bi('Plan, do, check, act', '计划、执行、检查、处理'),
    columns: [
      column('Step', '步骤'),
      column(
        ran === null ? 'The drill before: none' : `Left by the drill before, ${ran.runId}`,
        ran === null ? '上一次演练：无' : `上一次演练 ${ran.runId} 留下的`,
        { wide: true },
      ),
      column('This drill', '本次演练', { wide: true }),
    ],
    rows: rows.map(([step, before, now]) => [cell(step), linesCell(before), linesCell(now)]),
    empty: bi('Nothing.', '无。'),
  };
}

const linesCell = (lines: readonly Line[]): Cell =>
  lines.length === 0
    ? cell('–')
    : cell(
        bi(lines.map(({ text }) => text.en).join(' · '), lines.map(({ text }) => text.zh).join(' · ')),
        signedBy(lines),
      );

function signedBy(lines: readonly Line[]): { readonly note?: Bilingual } {
  const names = [...new Set(lines.flatMap(({ said }) => (said === null ? [] : [said.by])))];
  return names.length === 0 ? {} : { note: bi(`recorded by ${names.join(', ')}`, `记录人：${names.join('、')}`) };
}

const withIssue = (issue: string | null, text: Bilingual): Bilingual =>
  issue === null ? text : bi(`${issue}: ${text.en}`, `${issue}：${text.zh}`);

function effect({ problems }: CarriedOver): Bilingual {
  if (problems.length === 0) return bi('no earlier problem was open', '没有遗留的未关闭问题');
  const number = (wanted: CarriedOver['problems'][number]['now']): number =>
    problems.filter(({ now }) => now === wanted).length;
  const [passed, again, untested] = [number('passed'), number('found-again'), number('not-tested')];
  return bi(
    `of ${problems.length} earlier problems ${passed} passed, ${again} found again, ${untested} not tested`,
    `遗留问题 ${problems.length} 个：已通过 ${passed} 个，再次出现 ${again} 个，未测试 ${untested} 个`,
  );
}

function newProblems(issues: Result['issues']): Bilingual {
  const fresh = issues.filter(({ status }) => status === 'new').length;
  return bi(fresh === 1 ? '1 new problem' : `${fresh} new problems`, `新问题 ${fresh} 个`);
}

const NOW: Readonly<Record<CarriedOver['problems'][number]['now'], Mark>> = {
  'found-again': warn(bi('found again', '再次出现')),
  passed: good(bi('passed this time', '本次通过')),
  'not-tested': unsure(bi('not tested', '未测试')),
};

const carriedOverTable = ({ result: { carriedOver }, dates }: Facts): Block => ({
  kind: 'table',
  caption: bi('Open problems of earlier drills', '此前演练遗留的问题'),
  columns: [
    column('Issue', '编号'),
    column('What', '内容', { wide: true }),
    column('Root cause', '根本原因', { wide: true }),
    column('Action', '改进措施', { wide: true }),
    column('In this drill', '本次演练'),
  ],
  rows: [
    ...carriedOver.problems.map((problem) => [
      code(problem.id),
      cell(problem.title ?? '–'),
      problem.rootCause === null ? cell(bi('not recorded', '未记录')) : cell(causeText(problem.rootCause)),
      cell(joined(problem.actions.map((action) => actionText(action, dates)))),
      marked(NOW[problem.now]),
    ]),
    ...(carriedOver.last?.openMilestones ?? []).map(({ id, title, dueAt }) => [
      code(id),
      cell(title, { note: bi(`milestone due ${dates.full(dueAt).en}`, `里程碑期限 ${dates.full(dueAt).zh}`) }),
      cell('–'),
      cell('–'),
      marked(warn(bi('never recorded', '一直未记录'))),
    ]),
  ],
  empty: bi('Earlier drills left nothing open.', '此前演练没有遗留问题。'),
});

const joined = (texts: readonly Bilingual[]): Bilingual =>
  texts.length === 0
    ? bi('none recorded', '未记录')
    : bi(texts.map(({ en }) => en).join(' · '), texts.map(({ zh }) => zh).join(' · '));

interface Word extends Said {
  readonly what: Bilingual;
  readonly about: string;
  readonly text: Bilingual;
}

/** Everything that counts in the review but attendance, in the order in which it was said. */
function wordsOf(review: Review, dates: Dates): readonly Word[] {
  const cause = bi('root cause', '根本原因');
  const action = bi('action', '改进措施');
  const standard = bi('kept as standard', '固化为标准');
  const milestone = bi('milestone reached', '里程碑达成');
  const words: readonly Word[] = [
    ...review.rootCauses.map((row) => ({ ...row, what: cause, about: row.issue ?? '', text: same(row.text) })),
    ...review.actions.map((row) => ({ ...row, what: action, about: row.issue, text: actionText(row, dates) })),
    ...review.changed.map((row) => ({
      ...row,
      what: bi(`changed: ${CHANGED[row.what].en}`, `变更：${CHANGED[row.what].zh}`),
      about: row.where ?? '',
      text: same(row.text),
    })),
    ...review.kept.map((row) => ({ ...row, what: standard, about: '', text: same(row.text) })),
    ...review.milestones.map((row) => ({
      ...row,
      what: milestone,
      about: row.milestone,
      text: dates.full(row.reachedAt),
    })),
  ];
  return [...words].sort((a, b) => a.entry - b.entry);
}

/** With who said it and when: what an auditor reads. */
const saidTable = ({ dates }: Facts, review: Review): Block => ({
  kind: 'table',
  caption:
    review.replaced === 0
      ? bi('What the review recorded', '复盘记录')
      : bi(
          `What the review recorded (${review.replaced} earlier entries were replaced)`,
          `复盘记录（${review.replaced} 条较早记录已被替换）`,
        ),
  columns: [
    column('Entry', '序号', { number: true }),
    column('What', '类别'),
    column('About', '对象'),
    column('Text', '内容', { wide: true }),
    column('By', '记录人'),
    column('When', '时间'),
  ],
  rows: wordsOf(review, dates).map(({ entry, what, about, text, by, at }) => [
    cell(String(entry)),
    cell(what),
    about === '' ? cell('–') : code(about),
    cell(text),
    cell(by),
    cell(dates.full(at)),
  ]),
  empty: bi('Only attendance was recorded.', '只记录了参加人员。'),
});

const attendanceTable = ({ attendance }: Review): Block => ({
  kind: 'table',
  caption: bi('Who took part in the review', '复盘参加人员'),
  columns: [column('Person', '姓名'), column('Role', '角色'), column('Present', '到场')],
  rows: attendance.map(({ person, role, present }) => [
    cell(person),
    cell(role ?? '–'),
    marked(present ? plain(bi('yes', '是')) : warn(bi('no', '否'))),
  ]),
  empty: bi('Nobody was recorded as present.', '没有记录参加人员。'),
});
