import { InputError, type InputProblem } from '../../core/errors.js';
import { renderProblems } from '../../core/problem-text.js';
import { bi } from '../../core/text.js';
import type { Action } from '../command.js';
import type { Context } from '../context.js';
import { readDrillFile } from '../drill-file.js';
import { codeOf, reportFailure } from '../failure.js';

/** `validate FILE…`: all problems of all files, sorted by place. */
export const validate: Action = async ({ ctx, args }) => {
  const files = Array.isArray(args[0]) ? (args[0] as readonly string[]) : [];
  const looks = files.map((file) => look(file, ctx));
  const problems = looks.flatMap((found) => found.problems);
  const valid = looks.every((found) => found.valid);
  if (ctx.json) ctx.out(JSON.stringify({ schemaVersion: 1, valid, problems }, null, 2));
  else if (problems.length > 0) ctx.err(renderProblems(problems, ctx.lang));
  if (problems.length > 0) ctx.err(ctx.say(bi(`${problems.length} problem(s)`, `共 ${problems.length} 个问题`)));
  return valid ? 0 : codeOf('file-invalid');
};

function look(file: string, ctx: Context): { readonly valid: boolean; readonly problems: readonly InputProblem[] } {
  try {
    const { loaded } = readDrillFile(file, ctx);
    if (!ctx.json) ctx.out(`✓ ${loaded.path}  ${loaded.drill.id}  ${loaded.drill.kind}`);
    return { valid: true, problems: [] };
  } catch (error) {
    if (error instanceof InputError) return { valid: false, problems: error.problems };
    reportFailure(error, ctx);
    return { valid: false, problems: [] };
  }
}
