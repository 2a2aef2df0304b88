import { type Command, Option } from 'commander';
import { type Bilingual, bi, type Lang, textIn } from '../core/text.js';
import { type Context, type GlobalOptions, makeContext, PROGRESS_MODES } from './context.js';
import { localizeHelp } from './localize.js';

export interface OptionSpec {
  readonly flags: string;
  readonly text: Bilingual;
  readonly choices?: readonly string[];
  readonly fallback?: string;
}

/** One command of the command line: what it is called, what it takes, what it says of itself. */
export interface CommandSpec {
  readonly name: string;
  readonly text: Bilingual;
  readonly args?: readonly { readonly name: string; readonly text: Bilingual }[];
  readonly options?: readonly OptionSpec[];
  /** Adds `--json`: the command has a result. */
  readonly json?: boolean;
  readonly examples: readonly string[];
}

/** What an action gets: the context, the positional arguments in order, and its own options. */
export interface Call {
  readonly ctx: Context;
  readonly args: readonly (string | readonly string[] | undefined)[];
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
  /** Options that may be given more than once (`--x <text...>`), by name. */
  readonly lists: Readonly<Record<string, readonly string[] | undefined>>;
}
/** Resolves to the exit code. Imported when it is used: `--help` loads nothing heavy. */
export type Action = (call: Call) => Promise<number>;

export function addCommand(parent: Command, spec: CommandSpec, action: (() => Promise<Action>) | null): Command {
  const lang = langOf(parent);
  const say = (text: Bilingual): string => textIn(text, lang);
  const command = localizeHelp(parent.command(spec.name), lang).description(say(spec.text));
  for (const arg of spec.args ?? []) command.argument(arg.name, say(arg.text));
  for (const option of [...(spec.options ?? []), ...globalOptions(spec.json === true)]) {
    command.addOption(optionOf(option, say));
  }
  command.addHelpText(
    'after',
    `\n${say(bi('Examples:', '示例：'))}\n${spec.examples.map((text) => `  $ ${text}`).join('\n')}`,
  );
  if (action !== null) {
    command.action(async () => {
      const given = Object.entries(command.opts<Record<string, string | boolean | readonly string[] | undefined>>());
      const lists = Object.fromEntries(given.filter((pair): pair is [string, readonly string[]] => isList(pair[1])));
      const options = Object.fromEntries(
        given.filter((pair): pair is [string, string | boolean | undefined] => !isList(pair[1])),
      );
      const run = await action();
      const ctx = makeContext(command.opts<GlobalOptions>());
      process.exitCode = await run({ ctx, args: command.processedArgs, options, lists });
    });
  }
  return command;
}

const isList = (value: unknown): value is readonly string[] => Array.isArray(value);

function optionOf(spec: OptionSpec, say: (text: Bilingual) => string): Option {
  const option = new Option(spec.flags, say(spec.text));
  if (spec.choices !== undefined) option.choices(spec.choices);
  return spec.fallback === undefined ? option : option.default(spec.fallback);
}

function globalOptions(json: boolean): readonly OptionSpec[] {
  const own: OptionSpec[] = json
    ? [{ flags: '--json', text: bi('one JSON document on standard output', '在标准输出上给出一个 JSON 文档') }]
    : [];
  return [
    ...own,
    {
      flags: '--lang <lang>',
      text: bi('language: en or zh (default: the locale)', '语言：en 或 zh（默认按系统区域）'),
      choices: ['en', 'zh'],
    },
    { flags: '--progress <mode>', text: bi('how progress is shown', '进度的显示方式'), choices: PROGRESS_MODES },
    { flags: '--no-input', text: bi('never ask anything', '从不提问') },
  ];
}

const languages = new WeakMap<Command, Lang>();
export const setLang = (command: Command, lang: Lang): void => void languages.set(command, lang);
function langOf(command: Command): Lang {
  return languages.get(command) ?? (command.parent === null ? 'en' : langOf(command.parent));
}
