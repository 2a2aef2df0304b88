import { InputError, WorldError } from '../core/errors.js';
import { EXIT_CODES, type ExitCode, type ExitId } from '../core/outcome.js';
import { renderProblems } from '../core/problem-text.js';
import { bi } from '../core/text.js';
import type { Context } from './context.js';

/** Wrong usage that commander cannot see: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly text;
  constructor(text: ReturnType<typeof bi>) {
    super(text.en);
    this.text = text;
  }
}

export const codeOf = (id: ExitId): ExitCode => EXIT_CODES.find((row) => row.id === id)?.code ?? 7;

/** Prints a failure once, in the user's language, and says which exit code it means. */
export function reportFailure(error: unknown, ctx: Context): ExitCode {
  const label = ctx.say(bi('error', '错误'));
  if (error instanceof InputError) {
    ctx.err(renderProblems(error.problems, ctx.lang));
    return codeOf('file-invalid');
  }
  if (error instanceof UsageError) {
    ctx.err(`${label}: ${ctx.say(error.text)}`);
    return codeOf('usage');
  }
  if (error instanceof WorldError) {
    ctx.err(`${label}: ${ctx.say(error.text)}`);
    if (error.hint !== undefined) ctx.err(`  ${ctx.say(bi('next', '下一步'))}: ${ctx.say(error.hint)}`);
    return codeOf(error.exit);
  }
  const internal = bi(
    'Firedrill itself failed; this is a bug. Please report it with the lines below.',
    'Firedrill 自身出错，这是缺陷；请连同以下内容一起报告。',
  );
  ctx.err(`${label}: ${ctx.say(internal)}`);
  ctx.err(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return codeOf('not-valid');
}
