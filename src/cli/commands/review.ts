import { userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { systemClock } from '../../core/clock.js';
import { WorldError } from '../../core/errors.js';
import { bootId, ownProcess } from '../../core/process-table.js';
import type { ReviewBody } from '../../core/review.js';
import { bi } from '../../core/text.js';
import { recordReview, recordRun } from '../../issues/index.js';
import { appendReview, checkDraft, type ReviewDraft, type ReviewFacts, readReviewAnswers } from '../../review/index.js';
import { tryExclusive } from '../../run/state/index.js';
import type { Action, Call } from '../command.js';
import { showPath } from '../context.js';
import { readInput } from '../drill-file.js';
import { UsageError } from '../failure.js';
import { askReview } from '../people/review.js';
import { draftsOf } from '../people/review-flags.js';
import { reviewText } from '../print-review.js';
import { type Evaluation, evaluate, openedOf, reviewPath, runDirOf, writeReports } from '../reports.js';

/** `review RUN`: adds what people found after the run, and writes the reports again. */
export const review: Action = async (call) => {
  const { ctx, args, options } = call;
  const runDir = runDirOf(String(args[0]), String(options.out), ctx);
  const before = evaluate(runDir);
  const bodies = options.show === true ? [] : await bodiesOf(call, before, runDir);
  if (bodies.length > 0) {
    append(call, { runDir, before, bodies });
    const now = evaluate(runDir);
    writeReports(now, runDir);
    const store = join(dirname(runDir), 'issues.jsonl');
    recordRun(store, now.result);
    if (now.result.review !== null) recordReview(store, now.result.runId, now.result.review);
  }
  const { result } = evaluate(runDir);
  if (ctx.json)
    ctx.out(
      JSON.stringify({ schemaVersion: 1, runId: result.runId, added: bodies.length, review: result.review }, null, 2),
    );
  else ctx.out(reviewText(result, ctx));
  return 0;
};

/** Flags and the answers file; a person at the terminal when neither says anything. */
async function bodiesOf(call: Call, evaluation: Evaluation, runDir: string): Promise<readonly ReviewBody[]> {
  const { ctx, options } = call;
  const facts = factsOf(evaluation, runDir);
  const drafts = draftsOf(call);
  if (drafts.length === 0 && options.answers === undefined) {
    if (ctx.interactive) return askReview(ctx, nameOf(call), { facts, result: evaluation.result });
    throw new UsageError(
      bi(
        'Nothing to record: give --answers FILE or flags such as --root-cause (`firedrill review --help`), or --show.',
        '没有要记录的内容：请给出 --answers 文件或 --root-cause 等选项（见 `firedrill review --help`），或使用 --show。',
      ),
    );
  }
  const fromFlags = drafts.map((draft) => checked(draft, facts));
  if (typeof options.answers !== 'string') return fromFlags;
  const path = resolve(ctx.cwd, options.answers);
  return [...fromFlags, ...readReviewAnswers({ path: showPath(path, ctx), bytes: readInput(path) }, facts)];
}

function checked(draft: ReviewDraft, facts: ReviewFacts): ReviewBody {
  const found = checkDraft(draft, facts);
  if ('body' in found) return found.body;
  throw new UsageError(found.wrong);
}

function factsOf({ reading, result }: Evaluation, runDir: string): ReviewFacts {
  const { drill, recoveryPlan } = openedOf(reading.events, runDir);
  const earlier = result.carriedOver.problems.map(({ id, actions }) => ({
    id,
    owner: actions.at(-1)?.owner ?? '',
    due: actions.at(-1)?.due ?? null,
  }));
  const own = new Set(result.issues.map(({ id }) => id));
  return {
    issues: [...result.issues, ...earlier.filter(({ id }) => !own.has(id))],
    milestones: result.milestones,
    roles: [...new Set([...Object.keys(drill.roles.assigned), ...Object.keys(recoveryPlan.roles)])],
    timeZone: result.timeZone,
    startedAt: result.startedAt,
    endedAt: result.endedAt,
    nowMs: Date.parse(systemClock.wallIso()),
  };
}

const nameOf = ({ options }: Call): string =>
  typeof options.as === 'string' && options.as.trim() !== '' ? options.as.trim() : userInfo().username;

function append(
  call: Call,
  job: { readonly runDir: string; readonly before: Evaluation; readonly bodies: readonly ReviewBody[] },
): void {
  const { runDir, before, bodies } = job;
  const { events } = before.reading;
  const lock = tryExclusive(join(runDir, 'review.lock'), { ...ownProcess(), bootId: bootId() });
  if (!lock.held) {
    throw new WorldError({
      code: 'review-busy',
      message: bi(
        `Process ${lock.by.pid} is writing the review of ${before.result.runId} right now.`,
        `进程 ${lock.by.pid} 正在写入 ${before.result.runId} 的复盘。`,
      ),
      hint: bi('Wait until it is done and try again.', '请等待其完成后重试。'),
    });
  }
  try {
    appendReview(reviewPath(runDir), bodies, {
      anchor: openedOf(events, runDir).hash,
      signature: {
        at: systemClock.wallIso(),
        by: nameOf(call),
        runId: before.result.runId,
        journal: events.at(-1)?.hash ?? '',
      },
    });
  } finally {
    lock.release();
  }
}
