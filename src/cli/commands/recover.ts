import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { systemClock } from '../../core/clock.js';
import { describeError } from '../../core/errors.js';
import { isChange } from '../../core/fault.js';
import { bootId } from '../../core/process-table.js';
import { bi } from '../../core/text.js';
import { recordRun } from '../../issues/index.js';
import { resumeJournal } from '../../journal/index.js';
import { type RecoveredRun, recoverRuns } from '../../run/state/index.js';
import type { Action } from '../command.js';
import { connect, undoersOf } from '../connect.js';
import { type Context, showPath } from '../context.js';
import { codeOf } from '../failure.js';
import { evaluate, writeReports } from '../reports.js';

/** `recover [RUN]`: heals what dead runs left on, proves that nothing is left, writes their reports. */
export const recover: Action = async ({ ctx, args }) => {
  const report = await recoverRuns({
    root: ctx.stateRoot,
    ...(typeof args[0] === 'string' ? { runId: args[0] } : {}),
    clock: systemClock,
    undoers: undoersOf(ctx),
    connect,
    resumeJournal,
    bootId: bootId(),
    by: userInfo().username,
    onProgress: (text) => ctx.err(`  ${ctx.say(text)}`),
  });
  if (ctx.json)
    ctx.out(
      JSON.stringify(
        { schemaVersion: 1, runs: report.runs.map((run) => ({ ...run, runDir: showPath(run.runDir, ctx) })) },
        null,
        2,
      ),
    );
  else if (report.runs.length === 0)
    ctx.out(ctx.say(bi('Nothing to recover: nothing is left on.', '无需恢复：没有残留。')));
  let reported = true;
  for (const run of report.runs) reported = conclude(run, ctx) && reported;
  if (!report.runs.every((run) => run.clean)) return codeOf('still-on');
  return reported ? 0 : codeOf('output-failed');
};

/** Says what became of the run and writes its report. False = the world is clean, but the report could not be written. */
function conclude(run: RecoveredRun, ctx: Context): boolean {
  if (!ctx.json)
    ctx.out(
      ctx.say(
        run.clean
          ? bi(
              `${run.runId}: ${run.reverted.filter(isChange).length} change(s) undone, 0 left on`,
              `${run.runId}：已撤销 ${run.reverted.filter(isChange).length} 项改动，残留 0`,
            )
          : bi(`${run.runId}: STILL ON:`, `${run.runId}：仍有残留：`),
      ),
    );
  for (const left of run.left) ctx.err(`  ✗ ${ctx.say(left.what)}`);
  for (const failed of run.failed) ctx.err(`  ✗ ${failed.undo}: ${ctx.say(failed.detail)}`);
  if (run.journal.state === 'absent') return true;
  try {
    const evaluation = evaluate(run.runDir);
    writeReports(evaluation, run.runDir);
    recordRun(join(dirname(run.runDir), 'issues.jsonl'), evaluation.result);
  } catch (error) {
    ctx.err(`  ✗ ${ctx.say(describeError(error))}`);
    return false;
  }
  ctx.err(showPath(run.runDir, ctx));
  return true;
}
