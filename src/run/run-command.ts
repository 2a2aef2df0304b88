import { runProgram } from '../core/program.js';
import { type Bilingual, bi } from '../core/text.js';
import type { Run } from './context.js';

/** What a program gets of our environment. */
const PASSED_ON = ['PATH', 'HOME', 'LANG'] as const;

/** A drill's own program and arguments, without a shell; null = it ended with code 0. It may end and start nodes. */
export async function runCommand(
  run: Run,
  what: {
    readonly step: string;
    readonly argv: readonly string[];
    /** Beside what every program gets. */
    readonly env: Readonly<Record<string, string>>;
    readonly signal: AbortSignal;
  },
): Promise<Bilingual | null> {
  const { step, argv, env, signal } = what;
  const everyNode = run.cluster?.binding.nodes.map((node) => node.name) ?? [];
  const { exitCode, output, failure } = await run.nodes.letGo(everyNode, () =>
    runProgram({
      argv,
      cwd: run.drillDir,
      env: { ...Object.fromEntries(PASSED_ON.map((name) => [name, process.env[name]])), ...env },
      clock: run.services.clock,
      signal,
    }),
  );
  run.journal.note({ type: 'command.ended', step, argv, exitCode, output });
  if (exitCode === 0) return null;
  const [program = ''] = argv;
  if (failure !== null) return bi(`${program}: ${failure}`, `${program}：${failure}`);
  if (exitCode === null) return bi(`${program} was ended by a signal`, `${program} 被信号终止`);
  return bi(`${program} exited with code ${exitCode}`, `${program} 以退出码 ${exitCode} 结束`);
}
