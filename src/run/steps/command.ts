import type { Run } from '../context.js';
import { runCommand } from '../run-command.js';
import { filled } from '../run-folders.js';
import { passed, type StepOf, type StepResult } from './result.js';

export async function command(run: Run, step: StepOf<'run'>, signal: AbortSignal): Promise<StepResult> {
  const failure = await runCommand(run, {
    step: step.id,
    argv: step.argv.map((word) => filled(run, word)),
    env: {},
    signal,
  });
  return failure === null ? passed : { outcome: 'fail', reason: failure };
}
