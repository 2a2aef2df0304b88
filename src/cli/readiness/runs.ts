import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describeError } from '../../core/errors.js';
import type { Issue, Result } from '../../core/result.js';
import { bi } from '../../core/text.js';
import type { IssueRecord, Reading, RestoreSample, RunRecord } from '../../readiness/index.js';
import { readReview } from '../../review/index.js';
import { type Context, showPath } from '../context.js';
import { evaluate, reviewPath } from '../reports.js';
import { planHash } from './own-plan.js';

/** Every run below the reports folder, oldest first; one that died before its report is judged from its journal. */
export function readRuns(reportsDir: string, ctx: Context): Reading<readonly RunRecord[]> {
  const where = showPath(reportsDir, ctx);
  if (!existsSync(reportsDir)) return { read: false, where, why: NO_REPORTS };
  const dirs = readdirSync(reportsDir)
    .map((name) => join(reportsDir, name))
    .filter((dir) => existsSync(join(dir, 'journal.jsonl')));
  const value = dirs
    .flatMap((dir) => {
      const record = recordOrNull(dir, ctx);
      // A copy under another name, as the sample report, is not a run of this place.
      return record === null || record.runId !== basename(dir) ? [] : [record];
    })
    .sort((a, b) => a.startedMs - b.startedMs);
  return { read: true, where, value };
}

const NO_REPORTS = bi('there is no folder of reports here', '此处没有报告目录');

/** One run that cannot be read is told, and counts for nothing. */
function recordOrNull(dir: string, ctx: Context): RunRecord | null {
  try {
    return recordOf(dir, ctx);
  } catch (error) {
    const why = describeError(error);
    const where = showPath(dir, ctx);
    ctx.err(ctx.say(bi(`! ${where} does not count: ${why.en}`, `! ${where} 不计入：${why.zh}`)));
    return null;
  }
}

function recordOf(dir: string, ctx: Context): RunRecord {
  const path = join(dir, 'result.json');
  const hasReport = existsSync(path) && existsSync(join(dir, 'report.md'));
  const result = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Result) : evaluate(dir).result;
  const opening = openingOf(join(dir, 'journal.jsonl'));
  return {
    ...numbersOf(result),
    where: showPath(dir, ctx),
    planSha256: opening?.planSha256 ?? null,
    restores: restoresOf(result),
    hasReport,
    signedBy: signedBy(dir, opening),
  };
}

function numbersOf(result: Result): Omit<RunRecord, 'where' | 'planSha256' | 'restores' | 'hasReport' | 'signedBy'> {
  const objectives = (id: 'rto' | 'rpo.time'): RunRecord['rto'] =>
    result.objectives.flatMap((objective) =>
      objective.id === id && objective.limitMs !== undefined
        ? [{ limitMs: objective.limitMs, measuredMs: objective.measuredMs ?? null, verdict: objective.verdict }]
        : [],
    );
  return {
    runId: result.runId,
    drill: result.drill.id,
    kind: result.drill.kind,
    product: result.environment.target?.product ?? null,
    backupBytes: result.backups.findLast(isFull)?.bytes ?? null,
    startedMs: Date.parse(result.startedAt),
    endedMs: Date.parse(result.endedAt),
    valid: result.valid && result.endedEarly === null,
    scripted: result.environment.scriptedAnswers,
    rto: objectives('rto'),
    rpo: objectives('rpo.time'),
    decided: result.steps.filter((step) => isDecision(step.verb) && step.outcome === 'pass').map(({ id }) => id),
    ratings: result.situations.flatMap(({ rating }) => (rating === null ? [] : [rating])),
    onTime: onTimeOf(result),
    issues: result.issues.map((issue) => issueOf(issue, result.startedAt)),
  };
}

const issueOf = ({ id, rule, priority, due }: Issue, startedAt: string): IssueRecord => ({
  id,
  rule,
  priority,
  open: true,
  dueMs: due === null ? null : Date.parse(due),
  seenMs: Date.parse(startedAt),
  elsewhere: false,
});

const isDecision = (verb: string): boolean => verb === 'decide';

/** What people did that had a time; a milestone that is still open, or is no part of the drill, says nothing. */
function onTimeOf({ steps, milestones }: Result): RunRecord['onTime'] {
  const timed = steps.filter(
    ({ verb, endMs, withinMs, expectMs }) =>
      (verb === 'manual' || verb === 'situation') && endMs !== null && (withinMs ?? expectMs) !== null,
  );
  const reached = milestones.filter(
    ({ id, state }) => id.startsWith('T+') && (state === 'on-time' || state === 'late'),
  );
  const kept =
    timed.filter(({ late, outcome }) => !late && outcome === 'pass').length +
    reached.filter(({ state }) => state === 'on-time').length;
  return { kept, of: timed.length + reached.length };
}

/** Whole restores of which every step passed, of a full archive of this run: of others the size is not in the journal. */
function restoresOf({ restores, backups }: Result): readonly RestoreSample[] {
  return restores.flatMap(({ scope, sixSteps, substeps, file }) => {
    const backup = backups.find((each) => each.file === file && isFull(each));
    const tookMs = substeps.reduce((sum, each) => sum + each.tookMs, 0);
    return scope === 'all' && sixSteps && backup !== undefined && tookMs > 0 ? [{ bytes: backup.bytes, tookMs }] : [];
  });
}

const isFull = ({ mode }: Result['backups'][number]): boolean => mode === undefined || mode === 'full';

/** The first line holds the plan; the rest may be hundreds of megabytes. */
const FIRST_LINE_BYTES = 4 * 1_048_576;

interface Opening {
  /** On which the run's review follows. */
  readonly hash: string;
  readonly planSha256: string | null;
}

/** Null = the journal does not begin as one. */
function openingOf(journal: string): Opening | null {
  const file = openSync(journal, 'r');
  try {
    const buffer = Buffer.alloc(Math.min(FIRST_LINE_BYTES, statSync(journal).size));
    readSync(file, buffer, 0, buffer.length, 0);
    const end = buffer.indexOf('\n');
    const opened: unknown = end === -1 ? null : JSON.parse(buffer.subarray(0, end).toString('utf8'));
    if (typeof opened !== 'object' || opened === null || !('hash' in opened)) return null;
    const planSha256 = 'recoveryPlan' in opened ? planHash(opened.recoveryPlan) : null;
    return { hash: String(opened.hash), planSha256 };
  } finally {
    closeSync(file);
  }
}

/** Every entry of a review is signed; one that was changed afterwards counts for nothing. */
function signedBy(dir: string, opening: Opening | null): string | null {
  const review = opening === null ? null : readReview(reviewPath(dir), opening.hash);
  return review === null || review.broken !== null ? null : (review.entries.at(-1)?.by ?? null);
}
