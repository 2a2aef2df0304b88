import { ordinaryEnv, runProgram, whyFailed } from '../core/program.js';
import { type Bilingual, bi } from '../core/text.js';
import type { Run } from './context.js';
import { withoutPaths } from './run-folders.js';

/** A program and arguments of the user's own, without a shell; null = it ended with code 0. It may end and start nodes. */
export async function runCommand(
  run: Run,
  what: {
    readonly step: string;
    readonly argv: readonly string[];
    /** Default: the folder of the drill. */
    readonly cwd?: string;
    /** Beside what every program gets. */
    readonly env: Readonly<Record<string, string>>;
    readonly signal: AbortSignal;
  },
): Promise<Bilingual | null> {
  const { step, argv, cwd = run.drillDir, env, signal } = what;
  const everyNode = run.cluster?.binding.nodes.map((node) => node.name) ?? [];
  const end = await run.nodes.letGo(everyNode, () =>
    runProgram({ argv, cwd, env: { ...ordinaryEnv(), ...env }, clock: run.services.clock, signal }),
  );
  const { exitCode, output } = end;
  const shown = argv.map((word) => withoutPaths(run, bi(word, word)).en);
  run.journal.note({ type: 'command.ended', step, argv: shown, exitCode, output });
  const why = whyFailed(shown, end);
  return why === null ? null : withoutPaths(run, why);
}
