/** Measurements → issues: a pure function; the store file below is the only thing that is read or written. */
import { createHash } from 'node:crypto';
import type { EventOf } from '../core/journal.js';
import type { Measurements } from '../core/measurement.js';
import type { Issue, Score } from '../core/result.js';
import type { Text } from '../core/text.js';
import { dueAt } from './due.js';
import type { IssueContext, IssueRule, Judgement, RulePass } from './rule.js';
import { ISSUE_RULES } from './rules.js';

export { closeIssue, type Proof } from './close.js';
export { reviewed } from './reviewed.js';
export type { RulePass } from './rule.js';
export { openIssueSummaries, readIssueStore, recordReview, recordRun, type StoredIssue } from './store.js';

/** Everything that went wrong, by priority, then in the order of the rules. */
export function findIssues(m: Measurements, score: Score | null, opened: EventOf<'run.opened'>): readonly Issue[] {
  const context = { m, score, opened };
  const seen = new Set<string>();
  return ISSUE_RULES.flatMap((rule) => rule.judge(context).map((judgement) => ({ rule, judgement })))
    .flatMap(({ rule, judgement }) => (judgement.found ? [issueOf(context, rule, judgement)] : []))
    .filter(({ fingerprint }) => !seen.has(fingerprint) && seen.add(fingerprint))
    .sort((a, b) => (a.priority < b.priority ? -1 : a.priority > b.priority ? 1 : 0));
}

/** Rules that this run looked at and found nothing wrong with: what closing an issue needs. */
export function rulesPassed(m: Measurements, score: Score | null, opened: EventOf<'run.opened'>): readonly RulePass[] {
  const context = { m, score, opened };
  return ISSUE_RULES.flatMap((rule) => {
    const judgements = rule.judge(context);
    const bad = new Set(judgements.filter((judgement) => judgement.found).map((judgement) => judgement.step));
    const good = new Set(judgements.map((judgement) => judgement.step).filter((step) => !bad.has(step)));
    return [...good].map((step) => ({
      fingerprint: fingerprintOf(opened.drill.id, step, rule.id),
      rule: rule.id,
      step,
    }));
  });
}

const fingerprintOf = (drillId: string, step: string | null, rule: string): string =>
  `${drillId}/${step ?? '-'}/${rule}`;

/** `FD-` and the first 8 hex digits of the fingerprint's SHA-256. */
const idOf = (fingerprint: string): string =>
  `FD-${createHash('sha256').update(fingerprint).digest('hex').slice(0, 8)}`;

function issueOf({ m, opened }: IssueContext, rule: IssueRule, judgement: Judgement & { readonly found: true }): Issue {
  const { drill, recoveryPlan, history, runId } = opened;
  const { step, title, detail, evidence } = judgement;
  const fingerprint = fingerprintOf(drill.id, step, rule.id);
  const priority = judgement.priority ?? rule.priority;
  const level = recoveryPlan.levels[priority];
  const before = history.openIssues.find((issue) => issue.fingerprint === fingerprint);
  const due = dueAt(m.run.endedAt, level.deadline, drill.timeZone);
  return {
    id: idOf(fingerprint),
    fingerprint,
    priority,
    title,
    detail,
    rule: rule.id,
    step,
    owner: ownerOf(level.owner),
    // An issue that is still open keeps the time it was due: finding it again does not put it off.
    due: before?.status === 'open' ? (before.due ?? due) : due,
    status: before === undefined ? 'new' : before.status === 'open' ? 'open' : 'reopened',
    seen: (before?.seen ?? 0) + 1,
    firstSeenRun: before?.firstSeenRun ?? runId,
    rootCause: before?.rootCause ?? null,
    actions: before?.actions ?? [],
    evidence,
  };
}

const ownerOf = (owner: Text): string =>
  typeof owner === 'string' || owner.en === owner.zh
    ? typeof owner === 'string'
      ? owner
      : owner.en
    : `${owner.zh} ${owner.en}`;
