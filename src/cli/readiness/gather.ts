import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../core/clock.js';
import type { Bilingual } from '../../core/text.js';
import { readIssueStore, type StoredIssue } from '../../issues/index.js';
import type { IssueRecord, ReadinessEvidence, Reading } from '../../readiness/index.js';
import { type Context, showPath } from '../context.js';
import type { OwnPlan } from './own-plan.js';
import { readCommands, readPaths } from './resources.js';
import { readRuns } from './runs.js';
import { readTiers } from './tiers.js';
import { readVerifications } from './verifications.js';

export interface GatherOptions {
  readonly ctx: Context;
  readonly own: OwnPlan;
  readonly reportsDir: string;
  readonly readBack: boolean;
  readonly warn: (text: Bilingual) => void;
}

/** Looks at everything that the questions ask about; judges nothing. */
export async function gatherEvidence(options: GatherOptions): Promise<ReadinessEvidence> {
  const { ctx, own, reportsDir } = options;
  const [tiers, commands] = await Promise.all([readTiers(options), readCommands(own, ctx)]);
  const runs = readRuns(reportsDir, ctx);
  return {
    nowMs: Date.parse(systemClock.wallIso()),
    plan: own.plan,
    planFile: own.file,
    tiers,
    verifications: readVerifications(reportsDir, ctx),
    runs,
    issues: readIssues(runs, reportsDir, ctx),
    paths: readPaths(own),
    commands,
  };
}

/** The list across drills; where there is none, what each run found, as if nothing had been solved since. */
function readIssues(
  runs: ReadinessEvidence['runs'],
  reportsDir: string,
  ctx: Context,
): Reading<readonly IssueRecord[]> {
  const path = join(reportsDir, 'issues.jsonl');
  if (existsSync(path)) return { read: true, where: showPath(path, ctx), value: readIssueStore(path).map(issueRecord) };
  if (!runs.read) return runs;
  const newest = new Map(runs.value.flatMap(({ issues }) => issues.map((issue) => [issue.id, issue] as const)));
  return { read: true, where: runs.where, value: [...newest.values()] };
}

const issueRecord = ({ id, rule, priority, status, due, lastSeenAt }: StoredIssue): IssueRecord => ({
  id,
  rule,
  priority,
  open: status === 'open',
  dueMs: due === null ? null : Date.parse(due),
  seenMs: Date.parse(lastSeenAt),
});
