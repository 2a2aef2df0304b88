import { isoIn } from '../../core/local-time.js';
import type { Result } from '../../core/result.js';
import { CHANGED_THINGS, type ChangedThing, type ReviewBody } from '../../core/review.js';
import { type Bilingual, bi } from '../../core/text.js';
import { checkDraft, isOpen, type ReviewDraft, type ReviewFacts } from '../../review/index.js';
import type { Context } from '../context.js';
import { reviewText } from '../print-review.js';
import { ask, askText } from './ask.js';

interface Asking {
  readonly ctx: Context;
  readonly facts: ReviewFacts;
  readonly result: Result;
  readonly signal: AbortSignal;
}

/** Thrown by Esc or Ctrl-C: nothing is recorded. */
class LeftOff extends Error {}

/** Asks for everything that a review may say; an empty answer leaves a question open. Nothing is kept without a yes. */
export async function askReview(
  ctx: Context,
  who: string,
  on: { readonly facts: ReviewFacts; readonly result: Result },
): Promise<readonly ReviewBody[]> {
  const asking: Asking = { ctx, ...on, signal: new AbortController().signal };
  const { note } = await import('@clack/prompts');
  note(reviewText(on.result, ctx), ctx.say(bi(`Review, recorded as ${who}`, `复盘，记录人 ${who}`)));
  try {
    const bodies = [
      ...(await askIssues(asking)),
      ...(await askMilestones(asking)),
      ...(await askChanges(asking)),
      ...(await askKept(asking)),
      ...(await askAttendance(asking)),
    ];
    if (bodies.length === 0) return [];
    const question = bi(`Record ${bodies.length} entries as ${who}?`, `以 ${who} 的名义记录 ${bodies.length} 条？`);
    const yes = await ask<boolean>(asking.signal, (prompts) => prompts.confirm({ message: ctx.say(question) }));
    return yes === true ? bodies : [];
  } catch (error) {
    if (error instanceof LeftOff) return [];
    throw error;
  }
}

/** Empty = left open. What cannot be recorded is asked for again, with the reason. */
async function text(
  { ctx, signal }: Asking,
  question: Bilingual,
  problem?: (answer: string) => Bilingual | null,
): Promise<string> {
  const answer = await askText(signal, ctx.say(question), (said) => {
    const wrong = said.trim() === '' ? null : (problem?.(said.trim()) ?? null);
    return wrong === null ? undefined : ctx.say(wrong);
  });
  if (answer === null) throw new LeftOff();
  return answer.trim();
}

const wrongWith =
  ({ facts }: Asking, draftOf: (said: string) => ReviewDraft) =>
  (said: string): Bilingual | null => {
    const checked = checkDraft(draftOf(said), facts);
    return 'wrong' in checked ? checked.wrong : null;
  };

function kept({ facts }: Asking, draft: ReviewDraft): readonly ReviewBody[] {
  const checked = checkDraft(draft, facts);
  return 'body' in checked ? [checked.body] : [];
}

async function askIssues(asking: Asking): Promise<readonly ReviewBody[]> {
  const bodies: ReviewBody[] = [];
  for (const issue of asking.result.issues) {
    const { id, title, rootCause, actions } = issue;
    if (rootCause === null) {
      const cause = await text(
        asking,
        bi(`${id} ${title.en}: root cause? (empty: later)`, `${id} ${title.zh}：根本原因？（留空：以后）`),
      );
      if (cause !== '') bodies.push(...kept(asking, { type: 'root-cause', issue: id, text: cause }));
    }
    if (actions.length === 0) bodies.push(...(await askAction(asking, issue)));
  }
  return bodies;
}

async function askAction(asking: Asking, { id, owner, due }: Result['issues'][number]): Promise<readonly ReviewBody[]> {
  const action = await text(
    asking,
    bi(`${id}: what is done about it? (empty: later)`, `${id}：采取什么措施？（留空：以后）`),
  );
  if (action === '') return [];
  const by = await text(asking, bi(`Who does it? (empty: ${owner})`, `由谁负责？（留空：${owner}）`));
  const draft: ReviewDraft = { type: 'action', issue: id, action, ...(by === '' ? {} : { owner: by }) };
  const ends = due === null ? bi('a day is needed', '必须填写日期') : bi(`empty: ${due}`, `留空：${due}`);
  const until = await text(
    asking,
    bi(`Until when? (2026-12-01; ${ends.en})`, `截止何时？（2026-12-01；${ends.zh}）`),
    wrongWith(asking, (said) => ({ ...draft, due: said })),
  );
  return kept(asking, until === '' ? draft : { ...draft, due: until });
}

async function askMilestones(asking: Asking): Promise<readonly ReviewBody[]> {
  const bodies: ReviewBody[] = [];
  const { timeZone, endedAt } = asking.facts;
  const example = isoIn(Date.parse(endedAt), timeZone).slice(0, 'YYYY-MM-DDTHH:MM'.length);
  for (const { id, title } of asking.facts.milestones.filter((row) => isOpen(row) && row.reviewed === null)) {
    const draftOf = (at: string): ReviewDraft => ({ type: 'milestone', milestone: id, at });
    const at = await text(
      asking,
      bi(
        `${id} ${title.en}: reached when? (such as ${example}, or now; empty: not yet)`,
        `${id} ${title.zh}：何时达成？（如 ${example}，或 now；留空：尚未）`,
      ),
      wrongWith(asking, draftOf),
    );
    if (at !== '') bodies.push(...kept(asking, draftOf(at)));
  }
  return bodies;
}

const CHANGED: Readonly<Record<ChangedThing, Bilingual>> = {
  plan: bi('Was the recovery plan changed? What? (empty: no)', '恢复预案有变更吗？变更内容？（留空：无）'),
  manual: bi('Was a manual changed? What? (empty: no)', '操作手册有变更吗？变更内容？（留空：无）'),
  'backup-policy': bi('Was the backup policy changed? What? (empty: no)', '备份策略有变更吗？变更内容？（留空：无）'),
};

async function askChanges(asking: Asking): Promise<readonly ReviewBody[]> {
  const bodies: ReviewBody[] = [];
  for (const what of CHANGED_THINGS) {
    const said = await text(asking, CHANGED[what]);
    if (said === '') continue;
    const where = await text(asking, bi('Where? (document, chapter)', '位置？（文档、章节）'));
    bodies.push(...kept(asking, { type: 'changed', what, text: said, ...(where === '' ? {} : { where }) }));
  }
  return bodies;
}

async function askKept(asking: Asking): Promise<readonly ReviewBody[]> {
  const said = await text(
    asking,
    bi('What worked and is kept as a standard? (empty: nothing)', '哪些做法有效并固化为标准？（留空：无）'),
  );
  return said === '' ? [] : kept(asking, { type: 'kept', text: said });
}

async function askAttendance(asking: Asking): Promise<readonly ReviewBody[]> {
  const said = await text(asking, bi('Who was there? (names with commas)', '有谁参加？（姓名以逗号分隔）'));
  const people = said.split(/[,，、]/).map((name) => name.trim());
  return people
    .filter((name) => name !== '')
    .flatMap((person) => kept(asking, { type: 'attended', person, present: true }));
}
