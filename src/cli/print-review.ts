import { isoIn } from '../core/local-time.js';
import type { Result } from '../core/result.js';
import { type Bilingual, bi, bilingual } from '../core/text.js';
import type { Context } from './context.js';

/** What a review holds, and what it still has to say. */
export function reviewText(result: Result, ctx: Context): string {
  const head = bi(`Review of ${result.runId}`, `${result.runId} 的复盘`);
  return [head, ...recorded(result), ...open(result)].map((line) => ctx.say(line)).join('\n');
}

function recorded({ review }: Result): readonly Bilingual[] {
  if (review === null) return [bi('  nothing recorded yet', '  尚无记录')];
  const broken =
    review.broken === null
      ? []
      : [
          bi(
            `✗ the file was changed: line ${review.broken.line} ${review.broken.why.en}`,
            `✗ 文件被改动过：第 ${review.broken.line} 行${review.broken.why.zh}`,
          ),
        ];
  const changed = {
    plan: bi('plan', '预案'),
    manual: bi('manual', '手册'),
    'backup-policy': bi('backup policy', '备份策略'),
  };
  return [
    ...broken,
    ...review.rootCauses.map(({ issue, text, by }) =>
      bi(`  root cause${of(issue)}: ${text} (${by})`, `  根本原因${ofZh(issue)}：${text}（${by}）`),
    ),
    ...review.actions.map(({ issue, action, owner, due, by }) =>
      bi(
        `  action for ${issue}: ${action} – ${owner}, until ${due} (${by})`,
        `  ${issue} 的措施：${action}——${owner}，截止 ${due}（${by}）`,
      ),
    ),
    ...review.changed.map(({ what, text, where, by }) =>
      bi(
        `  changed, ${changed[what].en}: ${text}${where === null ? '' : ` – ${where}`} (${by})`,
        `  变更（${changed[what].zh}）：${text}${where === null ? '' : `——${where}`}（${by}）`,
      ),
    ),
    ...review.kept.map(({ text, by }) => bi(`  kept: ${text} (${by})`, `  固化：${text}（${by}）`)),
    ...review.milestones.map(({ milestone, reachedAt, by }) =>
      bi(
        `  milestone ${milestone}: reached ${reachedAt} (${by})`,
        `  里程碑 ${milestone}：达成于 ${reachedAt}（${by}）`,
      ),
    ),
    ...review.attendance.map(({ person, role, present }) => {
      const as = role === null ? '' : ` (${role})`;
      return present
        ? bi(`  there: ${person}${as}`, `  到场：${person}${as}`)
        : bi(`  absent: ${person}${as}`, `  缺席：${person}${as}`);
    }),
  ];
}

const of = (issue: string | null): string => (issue === null ? '' : ` of ${issue}`);
const ofZh = (issue: string | null): string => (issue === null ? '' : `（${issue}）`);

/** What nobody has said yet: only told, never guessed. */
function open({ issues, milestones, timeZone }: Result): readonly Bilingual[] {
  const rows = [
    ...issues
      .filter(({ rootCause }) => rootCause === null)
      .map(({ id, title }) =>
        bi(`  ${id} has no root cause: ${bilingual(title).en}`, `  ${id} 没有根本原因：${bilingual(title).zh}`),
      ),
    ...issues
      .filter(({ actions }) => actions.length === 0)
      .map(({ id, due }) =>
        bi(
          `  ${id} has no action${due === null ? '' : `; due ${due}`}`,
          `  ${id} 没有改进措施${due === null ? '' : `；期限 ${due}`}`,
        ),
      ),
    ...milestones
      .filter(({ state }) => state === 'open' || state === 'overdue')
      .map(({ id, title, dueAt }) => {
        const due = dueAt === null ? '' : isoIn(Date.parse(dueAt), timeZone);
        return bi(
          `  milestone ${id} (${title.en}) is open${due === '' ? '' : `; due ${due}`}`,
          `  里程碑 ${id}（${title.zh}）待记录${due === '' ? '' : `；期限 ${due}`}`,
        );
      }),
  ];
  return rows.length === 0 ? [] : [bi('Still open', '尚未完成'), ...rows];
}
