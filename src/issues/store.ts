/** `issues.jsonl`: one line for every time an issue was seen or closed; lines are only ever added. */
import type { Issue, IssueSummary, Result } from '../core/result.js';
import type { Review } from '../core/review.js';
import { type IssueReview, newest, wordsOn } from './reviewed.js';
import { appendLines, readLines } from './store-file.js';

/** Who or what proved that an issue is gone. */
export type ClosedBy =
  | { readonly verifiedByRun: string; readonly runStartedAt: string }
  | { readonly name: string; readonly evidence: string };

export type StoreLine =
  | {
      readonly type: 'seen';
      readonly runId: string;
      readonly drillId: string;
      readonly startedAt: string;
      readonly endedAt: string;
      readonly issue: Issue;
    }
  /** What the review of a run says of an issue; said again at each review, the newer word counts. */
  | ({ readonly type: 'reviewed'; readonly id: string; readonly runId: string } & IssueReview)
  /** `at` is null when whoever closed it gave no time. */
  | { readonly type: 'closed'; readonly id: string; readonly at: string | null; readonly by: ClosedBy };

type SeenLine = StoreLine & { readonly type: 'seen' };

/** An issue across all runs that showed it, as the newest of them described it. */
export interface StoredIssue extends Omit<Issue, 'status'> {
  readonly drillId: string;
  readonly status: 'open' | 'closed';
  /** Distinct runs that showed it, in the order recorded. */
  readonly runs: readonly string[];
  readonly lastSeenRun: string;
  readonly lastSeenAt: string;
  readonly closed: { readonly at: string | null; readonly by: ClosedBy } | null;
}

/** Every issue, in the order of first appearance. A file that is not there holds none; a torn last line is left out. */
export function readIssueStore(path: string): readonly StoredIssue[] {
  const issues = new Map<string, StoredIssue>();
  for (const line of readLines(path)) {
    if (line.type === 'seen') issues.set(line.issue.id, seenAgain(issues.get(line.issue.id), line));
    else if (line.type === 'closed') closeIn(issues, line);
    else reviewIn(issues, line);
  }
  return [...issues.values()];
}

function seenAgain(before: StoredIssue | undefined, line: SeenLine): StoredIssue {
  if (before !== undefined && (before.runs.includes(line.runId) || isOlder(line, before))) {
    const runs = [...new Set([...before.runs, line.runId])];
    return { ...before, runs, seen: runs.length, ...newest(before, saidOf(line.issue)) };
  }
  const runs = [...(before?.runs ?? []), line.runId];
  const said = saidOf(line.issue);
  return {
    ...line.issue,
    ...(before === undefined ? said : newest(before, said)),
    drillId: line.drillId,
    status: 'open',
    runs,
    seen: runs.length,
    firstSeenRun: before?.firstSeenRun ?? line.issue.firstSeenRun,
    lastSeenRun: line.runId,
    lastSeenAt: line.startedAt,
    closed: null,
  };
}

/** A run judged again, or an older one recorded late, changes nothing that a newer run, or a person after it, has said. */
function isOlder(run: SeenLine, { lastSeenAt, closed }: StoredIssue): boolean {
  if (run.startedAt <= lastSeenAt) return true;
  if (closed === null) return false;
  if ('runStartedAt' in closed.by) return run.startedAt <= closed.by.runStartedAt;
  return closed.at !== null && run.endedAt <= closed.at;
}

/** Lines of an older version have neither. */
const saidOf = (issue: Partial<IssueReview>): IssueReview => ({
  rootCause: issue.rootCause ?? null,
  actions: issue.actions ?? [],
});

function reviewIn(issues: Map<string, StoredIssue>, line: StoreLine & { readonly type: 'reviewed' }): void {
  const before = issues.get(line.id);
  if (before !== undefined) issues.set(line.id, { ...before, ...newest(before, line) });
}

function closeIn(issues: Map<string, StoredIssue>, line: StoreLine & { readonly type: 'closed' }): void {
  const before = issues.get(line.id);
  if (before !== undefined) {
    issues.set(line.id, { ...before, status: 'closed', closed: { at: line.at, by: line.by } });
  }
}

/** Adds what a run found; a run that is recorded already adds nothing. Returns how many lines were added. */
export function recordRun(
  path: string,
  run: Pick<Result, 'runId' | 'startedAt' | 'endedAt' | 'issues'> & { readonly drill: { readonly id: string } },
): number {
  const known = new Set(
    readIssueStore(path)
      .filter((s) => s.runs.includes(run.runId))
      .map((s) => s.id),
  );
  const { runId, startedAt, endedAt } = run;
  const lines = run.issues
    .filter((issue) => !known.has(issue.id))
    .map((issue): StoreLine => ({ type: 'seen', runId, drillId: run.drill.id, startedAt, endedAt, issue }));
  appendLines(path, lines);
  return lines.length;
}

/** Adds what a review says of issues that the list holds; what it holds already is not added again. */
export function recordReview(path: string, runId: string, review: Review): number {
  const lines = readIssueStore(path).flatMap((stored): readonly StoreLine[] => {
    const words = wordsOn(stored.id, review);
    const together = newest(stored, words);
    const known = JSON.stringify(together) === JSON.stringify(newest(stored, { rootCause: null, actions: [] }));
    return known ? [] : [{ type: 'reviewed', id: stored.id, runId, ...words }];
  });
  appendLines(path, lines);
  return lines.length;
}

/** The issues of a drill as a new run needs them: the closed ones too, since one of them may come back. */
export function openIssueSummaries(path: string, drillId: string): readonly IssueSummary[] {
  return readIssueStore(path)
    .filter((stored) => stored.drillId === drillId)
    .map(({ id, fingerprint, status, seen, firstSeenRun, due, title, priority, rootCause, actions }) => ({
      id,
      fingerprint,
      status,
      seen,
      firstSeenRun,
      due,
      title,
      priority,
      rootCause,
      actions,
    }));
}
