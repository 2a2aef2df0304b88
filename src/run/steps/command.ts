import { runProgram } from '../../core/program.js';
import { bi } from '../../core/text.js';
import type { Run } from '../context.js';
import { passed, type StepOf, type StepResult } from './result.js';

/** The command's own program and arguments, without a shell, with nothing of our environment but these. */
const PASSED_ON = ['PATH', 'HOME', 'LANG'] as const;

export async function command(run: Run, step: StepOf<'run'>, signal: AbortSignal): Promise<StepResult> {
  const everyNode = run.cluster?.binding.nodes.map((node) => node.name) ?? [];
  const { exitCode, output, failure } = await run.nodes.letGo(everyNode, () =>
    runProgram({
      argv: step.argv,
      cwd: run.drillDir,
      env: Object.fromEntries(PASSED_ON.flatMap((name) => [[name, process.env[name]]])),
      clock: run.services.clock,
      signal,
    }),
  );
  run.journal.note({ type: 'command.ended', step: step.id, argv: step.argv, exitCode, output });
  if (exitCode === 0) return passed;
  const [program = ''] = step.argv;
  if (failure !== null) return { outcome: 'fail', reason: bi(`${program}: ${failure}`, `${program}：${failure}`) };
  if (exitCode === null)
    return { outcome: 'fail', reason: bi(`${program} was ended by a signal`, `${program} 被信号终止`) };
  return {
    outcome: 'fail',
    reason: bi(`${program} exited with code ${exitCode}`, `${program} 以退出码 ${exitCode} 结束`),
  };
}
