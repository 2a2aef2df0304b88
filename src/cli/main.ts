import { CommanderError } from 'commander';
import { answerCompletion, isCompletionRequest } from './complete.js';
import { makeContext, resolveLang } from './context.js';
import { explainUsage } from './localize.js';
import { buildProgram } from './program.js';

/** `--lang` decides the language of the help itself, so it is read before commander parses. */
function askedLang(argv: readonly string[]): string | undefined {
  const at = argv.indexOf('--lang');
  return at >= 0 ? argv[at + 1] : argv.find((arg) => arg.startsWith('--lang='))?.slice('--lang='.length);
}

function ignoreBrokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
}

/** Does what the command line asks, and sets the exit code. */
export async function main(): Promise<void> {
  const lang = resolveLang(askedLang(process.argv), process.env);
  const program = buildProgram(lang);
  // A reader that went away (`| head`, a lost terminal) must not end a run before its reverts.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreBrokenPipe);
  try {
    if (isCompletionRequest(process.argv)) await answerCompletion(process.argv);
    else if (process.argv.length <= 2) program.outputHelp();
    else await program.parseAsync(process.argv);
  } catch (error) {
    if (error instanceof CommanderError)
      process.exitCode = explainUsage(error, lang, (text) => process.stderr.write(text));
    else {
      const { reportFailure } = await import('./failure.js');
      process.exitCode = reportFailure(error, makeContext({ lang }));
    }
  }
}
