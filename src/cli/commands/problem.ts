import { userInfo } from 'node:os';
import { LEVELS } from '../../core/drill.js';
import { bi } from '../../core/text.js';
import { type ProblemEvent, recordProblem } from '../../run/index.js';
import type { Action, Call } from '../command.js';
import { UsageError } from '../failure.js';
import { liveRun } from './live.js';

/** `problem open`: handed to the run that goes on, which journals it. */
export const open: Action = async (call) => {
  const { options } = call;
  if (typeof options.title !== 'string')
    throw new UsageError(bi('--title is needed: what is wrong?', '需要 --title：问题是什么？'));
  const problem = typeof options.id === 'string' ? options.id : slug(options.title);
  const priority = LEVELS.find((level) => level === options.priority) ?? 'P2';
  return hand(call, { type: 'problem.opened', problem, title: options.title, priority, by: nameOf(call), step: null });
};

/** `problem solve ID` */
export const solve: Action = async (call) => {
  const { options } = call;
  const fallback = options.fallback === 'worked' || options.fallback === 'failed' ? options.fallback : null;
  const reason = typeof options.reason === 'string' ? options.reason : '';
  const decision = typeof options.decidedBy === 'string' ? { by: options.decidedBy, reason } : null;
  const solution = typeof options.solution === 'string' ? options.solution : null;
  return hand(call, {
    type: 'problem.solved',
    problem: String(call.args[0]),
    solution,
    by: nameOf(call),
    fallback,
    decision,
  });
};

async function hand({ ctx, options }: Call, body: ProblemEvent): Promise<number> {
  const run = liveRun(typeof options.run === 'string' ? options.run : undefined, ctx);
  await recordProblem(run.dir, body);
  if (ctx.json)
    ctx.out(JSON.stringify({ schemaVersion: 1, runId: run.runId, problem: body.problem, recorded: body.type }));
  else ctx.out(ctx.say(bi(`${body.problem}: recorded in ${run.runId}`, `${body.problem}：已记录到 ${run.runId}`)));
  return 0;
}

const nameOf = ({ options }: Call): string => (typeof options.as === 'string' ? options.as : userInfo().username);

/** A short name out of a title: letters, digits and Han stay. */
const slug = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 40) || 'problem';
