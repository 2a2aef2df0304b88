import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../core/clock.js';
import type { Bilingual } from '../../core/text.js';
import { readIssueStore, type StoredIssue } from '../../issues/index.js';
import {
  type IssueRecord,
  type ReadinessEvidence,
  type Reading,
  type RunRecord,
  runStranger,
  sortOut,
} from '../../readiness/index.js';
import { type Context, showPath } from '../context.js';
import type { OwnPlan } from './own-plan.js';
import { readCommands, readPaths } from './resources.js';
import { readRuns } from './runs.js';
import type { Present } from './target.js';
import { readTiers } from './tiers.js';
import { readVerifications } from './verifications.js';

export interface GatherOptions {
  readonly ctx: Context;
  readonly own: OwnPlan;
  /** Null = of every registry. */
  readonly target: Present | null;
  readonly reportsDir: string;
  readonly readBack: boolean;
  readonly warn: (text: Bilingual) => void;
}

/** Looks at everything that the questions ask about; judges nothing. */
export async function gatherEvidence(options: GatherOptions): Promise<ReadinessEvidence> {
  const { ctx, own, reportsDir, target } = options;
  const [tiers, commands] = await Promise.all([readTiers(options), readCommands(own, ctx)]);
  const all = readRuns(reportsDir, ctx);
  const { counted, leftOut } = sortOut(all.read ? all.value : [], target, runStranger);
  return {
    nowMs: Date.parse(systemClock.wallIso()),
    plan: own.plan,
    target: target && { ...target, runsLeftOut: leftOut },
    planFile: own.file,
    tiers,
    verifications: readVerifications(reportsDir, ctx),
    runs: all.read ? { ...all, value: counted } : all,
    issues: readIssues({ all, counted }, reportsDir, ctx),
    paths: readPaths(own),
    commands,
  };
}

interface Runs {
  readonly all: ReadinessEvidence['runs'];
  readonly counted: readonly RunRecord[];
}

/**
 * The list across drills; where there is none, what each run found, as if nothing had been solved since. Those found on
 * other products are kept, as such: what they say of the plan holds here too.
 */
function readIssues({ all, counted }: Runs, reportsDir: string, ctx: Context): Reading<readonly IssueRecord[]> {
  const path = join(reportsDir, 'issues.jsonl');
  const others = new Set(all.read ? all.value.filter((run) => !counted.includes(run)).map(({ runId }) => runId) : []);
  if (existsSync(path)) {
    const value = readIssueStore(path).map((issue) => issueRecord(issue, others));
    return { read: true, where: showPath(path, ctx), value };
  }
  if (!all.read) return all;
  const ours = new Set(counted.flatMap(({ issues }) => issues.map(({ id }) => id)));
  const newest = new Map(all.value.flatMap(({ issues }) => issues.map((issue) => [issue.id, issue] as const)));
  const value = [...newest.values()].map((issue) => ({ ...issue, elsewhere: !ours.has(issue.id) }));
  return { read: true, where: all.where, value };
}

/** A run whose folder is gone may have been on any product: its issues count. */
const issueRecord = (
  { id, rule, priority, status, due, lastSeenAt, runs }: StoredIssue,
  others: ReadonlySet<string>,
): IssueRecord => ({
  id,
  rule,
  priority,
  open: status === 'open',
  dueMs: due === null ? null : Date.parse(due),
  seenMs: Date.parse(lastSeenAt),
  elsewhere: runs.every((run) => others.has(run)),
});
