import { bi } from '../../core/text.js';
import { explain } from '../../score/index.js';
import type { Action } from '../command.js';
import { summaryText } from '../print-verdict.js';
import { evaluate, runDirOf } from '../reports.js';

/** `score RUN`: everything again from the journal. The exit code is the run's own. */
export const scoreRun: Action = async ({ ctx, args, options }) => {
  const { result } = evaluate(runDirOf(String(args[0]), String(options.out), ctx));
  if (ctx.json)
    ctx.out(
      JSON.stringify(
        {
          schemaVersion: 1,
          runId: result.runId,
          valid: result.valid,
          outcome: result.outcome,
          score: result.score,
          noScore: result.noScore,
          objectives: result.objectives,
        },
        null,
        2,
      ),
    );
  else ctx.out(summaryText(result, ctx));
  if (options.explain === true && result.score !== null && !ctx.json) ctx.out(`\n${explain(result.score, ctx.lang)}`);
  if (options.explain === true && result.score === null)
    ctx.err(ctx.say(result.noScore ?? bi('There is no score to explain.', '没有可解释的得分。')));
  return result.exitCode;
};
