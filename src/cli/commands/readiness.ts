import { resolve } from 'node:path';
import type { Outcome } from '../../core/outcome.js';
import { bi } from '../../core/text.js';
import {
  type Answer,
  evaluateReadiness,
  type Line,
  type Readiness,
  readinessMarkdown,
  sectionsOf,
} from '../../readiness/index.js';
import type { Action } from '../command.js';
import type { Context } from '../context.js';
import { codeOf, UsageError } from '../failure.js';
import { gatherEvidence } from '../readiness/gather.js';
import { ownPlan } from '../readiness/own-plan.js';
import { readTarget } from '../readiness/target.js';
import { mark } from '../view.js';

/**
 * `readiness`: the 16 questions, from evidence; with a target from that alone which is about it. Exit 1 when a required
 * one is answered with no.
 */
export const readiness: Action = async ({ ctx, options }) => {
  if (ctx.json && options.markdown === true) {
    throw new UsageError(bi('Give --json or --markdown, not both.', '--json 与 --markdown 只能给出一个。'));
  }
  const own = ownPlan(options.plan, ctx);
  const evidence = await gatherEvidence({
    ctx,
    own,
    target: await readTarget(options.target, ctx),
    reportsDir: resolve(ctx.cwd, String(options.out)),
    readBack: options.readBack !== false,
    warn: (text) => ctx.err(`! ${ctx.say(text)}`),
  });
  const found = evaluateReadiness(evidence);
  if (ctx.json) ctx.out(JSON.stringify(found, null, 2));
  else if (options.markdown === true) ctx.out(readinessMarkdown(found, ctx.lang).trimEnd());
  else print(found, ctx);
  return found.ready ? 0 : codeOf('missed');
};

const OUTCOMES: Readonly<Record<Answer, Outcome>> = { yes: 'pass', no: 'fail', unknown: 'unknown' };

function print(found: Readiness, ctx: Context): void {
  for (const { title, lines } of sectionsOf(found)) {
    ctx.out(ctx.say(title));
    for (const line of lines) for (const text of linesOf(line, ctx)) ctx.out(text);
    ctx.out('');
  }
  const noes = found.answers.filter(({ required, answer }) => required && answer === 'no').map(({ number }) => number);
  ctx.out(
    ctx.say(
      found.ready
        ? bi('No required question is answered with no.', '必答问题中没有回答为“否”的。')
        : bi(`Required and answered with no: ${noes.join(', ')}.`, `必答而回答为“否”的问题：${noes.join('、')}。`),
    ),
  );
}

const linesOf = ({ answer, text, details }: Line, ctx: Context): readonly string[] => [
  `  ${answer === null ? '·' : mark(ctx, OUTCOMES[answer])} ${ctx.say(text)}`,
  ...details.map((detail) => `      ${ctx.say(detail)}`),
];
