import { isoIn, readTime } from '../core/local-time.js';
import type { MilestoneMeasurement } from '../core/measurement.js';
import type { ReviewBody } from '../core/review.js';
import { type Bilingual, bi } from '../core/text.js';

/** What the entries of a review are held against. */
export interface ReviewFacts {
  /** The issues of the run, and those that were open before it. */
  readonly issues: readonly { readonly id: string; readonly owner: string; readonly due: string | null }[];
  readonly milestones: readonly MilestoneMeasurement[];
  /** Roles of the drill and of the recovery plan. */
  readonly roles: readonly string[];
  readonly timeZone: string;
  /** UTC, ISO: of the run. */
  readonly startedAt: string;
  readonly endedAt: string;
  readonly nowMs: number;
}

/** An entry as a person wrote it: what may be left out is, and times are text. */
export type ReviewDraft =
  | { readonly type: 'root-cause'; readonly issue?: string; readonly text: string }
  | {
      readonly type: 'action';
      readonly issue: string;
      readonly action: string;
      readonly owner?: string;
      readonly due?: string;
    }
  | (Omit<Extract<ReviewBody, { type: 'changed' }>, 'where'> & { readonly where?: string })
  | { readonly type: 'kept'; readonly text: string }
  | { readonly type: 'milestone'; readonly milestone: string; readonly at: string }
  | { readonly type: 'attended'; readonly person: string; readonly role?: string; readonly present: boolean };

export type Checked = { readonly body: ReviewBody } | { readonly wrong: Bilingual };

const wrong = (en: string, zh: string): Checked => ({ wrong: bi(en, zh) });

/** A draft as an entry, or one sentence about what is wrong with it. */
export function checkDraft(draft: ReviewDraft, facts: ReviewFacts): Checked {
  if (Object.values(draft).includes(''))
    return wrong(`An entry of the kind ${draft.type} is empty.`, `${draft.type} 类记录的内容为空。`);
  switch (draft.type) {
    case 'root-cause':
      if (draft.issue !== undefined && issueOf(draft.issue, facts) === undefined)
        return unknownIssue(draft.issue, facts);
      return { body: { ...draft, issue: draft.issue ?? null } };
    case 'action':
      return checkAction(draft, facts);
    case 'changed':
      if (draft.where === undefined && draft.what !== 'backup-policy')
        return wrong(
          `The change “${draft.text}” does not say where: name the document and the place in it.`,
          `变更“${draft.text}”没有写明位置：请指出文档及其章节。`,
        );
      return { body: { ...draft, where: draft.where ?? null } };
    case 'kept':
      return { body: draft };
    case 'milestone':
      return checkMilestone(draft, facts);
    case 'attended':
      if (draft.role !== undefined && !facts.roles.includes(draft.role))
        return wrong(
          `There is no role “${draft.role}”; roles: ${facts.roles.join(', ')}.`,
          `没有角色“${draft.role}”；可用角色：${facts.roles.join('、')}。`,
        );
      return { body: { ...draft, role: draft.role ?? null } };
  }
}

const issueOf = (id: string, { issues }: ReviewFacts) => issues.find((issue) => issue.id === id);

const unknownIssue = (id: string, { issues }: ReviewFacts): Checked => {
  const ids = issues.map((issue) => issue.id);
  return wrong(
    `This run has no issue ${id}; it has ${ids.length === 0 ? 'none' : ids.join(', ')}.`,
    `本次运行没有问题 ${id}；${ids.length === 0 ? '它没有问题' : `它有 ${ids.join('、')}`}。`,
  );
};

function checkAction(draft: Extract<ReviewDraft, { type: 'action' }>, facts: ReviewFacts): Checked {
  const issue = issueOf(draft.issue, facts);
  if (issue === undefined) return unknownIssue(draft.issue, facts);
  const due = draft.due ?? issue.due;
  if (due === null)
    return wrong(
      `The action for ${issue.id} needs a due date: this issue has no deadline of its own.`,
      `${issue.id} 的改进措施需要截止日期：该问题本身没有期限。`,
    );
  const dueMs = readTime(due, facts.timeZone);
  if (dueMs === null) return noTime(due);
  if (dueMs < Date.parse(facts.endedAt))
    return wrong(
      `The action for ${issue.id} is due before the run ended: ${due}.`,
      `${issue.id} 的截止日期早于运行结束：${due}。`,
    );
  const owner = draft.owner ?? issue.owner;
  return { body: { type: 'action', issue: issue.id, action: draft.action, owner, due: isoIn(dueMs, facts.timeZone) } };
}

function checkMilestone({ milestone, at }: Extract<ReviewDraft, { type: 'milestone' }>, facts: ReviewFacts): Checked {
  const open = facts.milestones.filter(isOpen);
  const row = facts.milestones.find(({ id }) => id === milestone);
  if (row === undefined || !open.includes(row)) {
    const ids = open.map(({ id }) => id);
    const left =
      ids.length === 0
        ? bi('none is open', '没有未达成的里程碑')
        : bi(`open: ${ids.join(', ')}`, `未达成：${ids.join('、')}`);
    return row === undefined
      ? wrong(`There is no milestone ${milestone}; ${left.en}.`, `没有里程碑 ${milestone}；${left.zh}。`)
      : wrong(
          `The milestone ${milestone} is not open: the journal tells of it; ${left.en}.`,
          `里程碑 ${milestone} 不是未达成状态：日志已有结论；${left.zh}。`,
        );
  }
  const atMs = at === 'now' ? facts.nowMs : readTime(at, facts.timeZone);
  if (atMs === null) return noTime(at);
  if (atMs > facts.nowMs)
    return wrong(
      `The milestone ${milestone} cannot have been reached in the future: ${at}.`,
      `里程碑 ${milestone} 的达成时间不能在将来：${at}。`,
    );
  if (atMs < Date.parse(facts.startedAt))
    return wrong(
      `The milestone ${milestone} cannot have been reached before the run began: ${at}.`,
      `里程碑 ${milestone} 的达成时间不能早于运行开始：${at}。`,
    );
  return { body: { type: 'milestone', milestone, reachedAt: isoIn(atMs, facts.timeZone) } };
}

/** What the journal does not say, and a review may: not what the drill had no step for. */
export const isOpen = ({ state, actualMs, reviewed }: MilestoneMeasurement): boolean =>
  reviewed !== null || (actualMs === null && state !== 'not-in-drill');

const noTime = (text: string): Checked =>
  wrong(
    `“${text}” is no time: write 2026-11-24T10:15 (in the drill’s zone), with an offset, or a day.`,
    `“${text}”不是时间：请写 2026-11-24T10:15（演练时区）、带时区偏移的时间，或日期。`,
  );
