import { join } from 'node:path';
import { showDuration } from '../core/duration.js';
import type { ExitCode } from '../core/outcome.js';
import type { Result, ResultObjective } from '../core/result.js';
import { type Bilingual, bi } from '../core/text.js';
import { type Context, showPath } from './context.js';
import { codeOf } from './failure.js';
import { mark } from './view.js';

/** The end of `run`: verdict, objectives, score, issues, where the report is. The run folder is the last line. */
export function printVerdict(end: {
  readonly ctx: Context;
  readonly result: Result;
  readonly runDir: string;
  readonly exitCode: ExitCode;
}): void {
  const { ctx, result } = end;
  if (ctx.json) ctx.out(JSON.stringify({ ...result, exitCode: end.exitCode }, null, 2));
  if (!ctx.json && ctx.progress !== 'quiet') ctx.out(summaryText(result, ctx));
  if (!ctx.json && ctx.progress !== 'quiet')
    ctx.out(`${ctx.say(bi('report', '报告'))}: ${showPath(join(end.runDir, 'report.html'), ctx)}`);
  if (end.exitCode === codeOf('still-on')) ctx.err(ctx.say(stillOnText(result.runId)));
  ctx.err(showPath(end.runDir, ctx));
}

export const stillOnText = (runId: string): Bilingual =>
  bi(`Still on. Undo with: firedrill recover ${runId}`, `仍未撤销。请运行：firedrill recover ${runId}`);

export function summaryText(result: Result, ctx: Context): string {
  return [
    '',
    `${mark(ctx, result.outcome)} ${ctx.say(result.headline)}`,
    ...result.invalidBecause.map((why) => `  ${ctx.say(why.text)}`),
    ...result.objectives.map((objective) => `  ${objectiveLine(objective, result.valid, ctx)}`),
    `  ${scoreLine(result, ctx)}`,
    ...issueLines(result, ctx),
  ].join('\n');
}

const VERDICTS = {
  within: bi('within', '达标'),
  borderline: bi('borderline', '临界'),
  missed: bi('missed', '未达标'),
  unknown: bi('unknown', '未知'),
};

/** What a run that is not valid measured is shown, and judged neither way. */
const NOT_JUDGED = bi('not judged', '不作评判');

function objectiveLine(objective: ResultObjective, valid: boolean, ctx: Context): string {
  const name = `${objective.id}${objective.operation === undefined ? '' : ` (${objective.operation})`}`;
  const verdict = valid || objective.verdict === 'unknown' ? VERDICTS[objective.verdict] : NOT_JUDGED;
  return `${name}: ${measuredText(objective, ctx)} / ${limitText(objective)} → ${ctx.say(verdict)}`;
}

function measuredText(objective: ResultObjective, ctx: Context): string {
  if (objective.measured !== undefined)
    return objective.measured === null ? ctx.say(bi('not measured', '未测得')) : String(objective.measured);
  const { measuredMs, errorMs } = objective;
  if (measuredMs === null || measuredMs === undefined) return ctx.say(bi('not measured', '未测得'));
  const error = errorMs === null || errorMs === undefined ? '' : ` ± ${showDuration(errorMs)}`;
  return `${showDuration(measuredMs)}${error}`;
}

const limitText = (objective: ResultObjective): string =>
  objective.limitMs === undefined ? String(objective.limit) : showDuration(objective.limitMs);

function scoreLine(result: Result, ctx: Context): string {
  if (result.score === null)
    return `${ctx.say(bi('no score', '无得分'))}: ${result.noScore === null ? '' : ctx.say(result.noScore)}`;
  const { earned, assessable, percent, passMark } = result.score;
  const total = percent === null ? ctx.say(result.noScore ?? bi('no total', '无总分')) : `${percent} / 100`;
  return ctx.say(
    bi(
      `score: ${total} (${earned} of ${assessable} assessable points; pass mark ${passMark})`,
      `得分：${total}（可评分 ${assessable} 分中得 ${earned} 分；及格线 ${passMark}）`,
    ),
  );
}

function issueLines(result: Result, ctx: Context): readonly string[] {
  if (result.issues.length === 0) return [`  ${ctx.say(bi('no issues', '无问题'))}`];
  return result.issues.map((issue) => `  ${issue.id} [${issue.priority}] ${ctx.say(issue.title)}`);
}
