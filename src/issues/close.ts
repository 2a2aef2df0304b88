import { WorldError } from '../core/errors.js';
import { type Bilingual, bi } from '../core/text.js';
import type { RulePass } from './rule.js';
import { isRetestable } from './rules.js';
import { type ClosedBy, readIssueStore, type StoredIssue } from './store.js';
import { appendLines } from './store-file.js';

/** Why an issue is gone: a later run that passed the same rule, or a person's word where no rule can tell. */
export type Proof =
  | {
      readonly kind: 'run';
      readonly runId: string;
      readonly startedAt: string;
      readonly drillId: string;
      readonly valid: boolean;
      readonly passed: readonly RulePass[];
    }
  | { readonly kind: 'person'; readonly by: string; readonly evidence: string };

export interface Closing {
  readonly id: string;
  readonly proof: Proof;
  /** UTC, ISO; when it was closed. */
  readonly at?: string;
}

/** Closes an issue, or refuses with a WorldError that says what is missing. */
export function closeIssue(path: string, closing: Closing): StoredIssue {
  const { id, proof, at = null } = closing;
  const stored = readIssueStore(path).find((issue) => issue.id === id);
  if (stored === undefined) {
    throw refuse('issue-not-found', bi(`there is no issue ${id} in ${path}`, `${path} 中没有问题 ${id}`));
  }
  if (stored.status === 'closed') {
    throw refuse('issue-closed', bi(`issue ${id} is closed already`, `问题 ${id} 已关闭`));
  }
  const by = proof.kind === 'run' ? byRun(stored, proof) : byPerson(stored, proof);
  appendLines(path, [{ type: 'closed', id, at, by }]);
  return { ...stored, status: 'closed', closed: { at, by } };
}

function byRun(issue: StoredIssue, run: Proof & { readonly kind: 'run' }): ClosedBy {
  const { id, rule, step, lastSeenRun, lastSeenAt } = issue;
  if (!run.valid) {
    throw refuse(
      'run-not-valid',
      bi(`run ${run.runId} is not valid: it proves nothing`, `运行 ${run.runId} 无效：不能作为证明`),
    );
  }
  if (run.startedAt <= lastSeenAt) {
    throw refuse(
      'run-not-later',
      bi(
        `run ${run.runId} is not later than ${lastSeenRun}, which still showed ${id}`,
        `运行 ${run.runId} 不晚于仍出现 ${id} 的 ${lastSeenRun}`,
      ),
      bi('Fix the cause, run the drill again, and give that run.', '请先修复原因，再次演练，并给出那次运行。'),
    );
  }
  if (!run.passed.some((pass) => pass.fingerprint === issue.fingerprint)) {
    const where = step === null ? bi('', '') : bi(` on ${step}`, `（${step}）`);
    throw refuse(
      'rule-not-passed',
      bi(
        `run ${run.runId} did not pass the rule ${rule}${where.en} that found ${id}`,
        `运行 ${run.runId} 没有通过发现 ${id} 的规则 ${rule}${where.zh}`,
      ),
      isRetestable(rule) ? undefined : BY_EVIDENCE,
    );
  }
  return { verifiedByRun: run.runId, runStartedAt: run.startedAt };
}

const BY_EVIDENCE = bi(
  'No rule can test this again: close it with --by NAME --evidence TEXT.',
  '没有规则能复测此问题：请用 --by NAME --evidence TEXT 关闭。',
);

function byPerson(issue: StoredIssue, word: Proof & { readonly kind: 'person' }): ClosedBy {
  if (isRetestable(issue.rule)) {
    throw refuse(
      'rule-can-retest',
      bi(
        `issue ${issue.id} can be tested again by the rule ${issue.rule}: a word is not enough`,
        `问题 ${issue.id} 可由规则 ${issue.rule} 复测：仅凭陈述不能关闭`,
      ),
      bi('Run the drill again and close it with --verified-by RUN.', '请再次演练，并用 --verified-by RUN 关闭。'),
    );
  }
  if (word.by.trim() === '' || word.evidence.trim() === '') {
    throw refuse('evidence-missing', bi('a name and evidence are needed', '需要姓名和证据'));
  }
  return { name: word.by, evidence: word.evidence };
}

function refuse(code: string, message: Bilingual, hint?: Bilingual): WorldError {
  return new WorldError({ code, message, exit: 'missed', ...(hint === undefined ? {} : { hint }) });
}
