import { buildProgram } from './program.js';

/** `firedrill complete -- …` is what a completion script asks on every tab key; `completion SHELL` prints that script. */
export const isCompletionRequest = (argv: readonly string[]): boolean =>
  argv[2] === 'complete' || (argv[2] === 'completion' && SHELLS.includes(argv[3] ?? ''));

const SHELLS = ['bash', 'zsh', 'fish'];

/** A program of its own, because the library adds its own two commands. */
export async function answerCompletion(argv: readonly string[]): Promise<void> {
  const { default: tab } = await import('@bomb.sh/tab/commander');
  const program = buildProgram('en', { completion: false });
  tab(program, { completionCommandName: 'completion' });
  await program.parseAsync([...argv]);
}
