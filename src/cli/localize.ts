import type { Command, CommanderError, Help } from 'commander';
import { type Bilingual, bi, type Lang, textIn } from '../core/text.js';

/** Commander's own headings; everything else in the help is our text. */
const HEADINGS: Readonly<Record<string, Bilingual>> = {
  'Usage:': bi('Usage:', '用法：'),
  'Arguments:': bi('Arguments:', '参数：'),
  'Options:': bi('Options:', '选项：'),
  'Global Options:': bi('Global options:', '全局选项：'),
  'Commands:': bi('Commands:', '命令：'),
};

/** Help in the user's language, for this command and every command added below it. */
export function localizeHelp(command: Command, lang: Lang): Command {
  const say = (text: Bilingual): string => textIn(text, lang);
  const help: Partial<Help> = {
    styleTitle: (title) => (HEADINGS[title] === undefined ? title : say(HEADINGS[title])),
    sortSubcommands: false,
    showGlobalOptions: false,
  };
  return command
    .configureHelp(help)
    .helpOption('-h, --help', say(bi('show this help', '显示帮助')))
    .exitOverride()
    .configureOutput({ writeErr: () => undefined, outputError: () => undefined });
}

const USAGE: Readonly<Record<string, Bilingual>> = {
  'commander.unknownOption': bi('this option does not exist', '没有这个选项'),
  'commander.unknownCommand': bi('this command does not exist', '没有这个命令'),
  'commander.missingArgument': bi('an argument is missing', '缺少参数'),
  'commander.optionMissingArgument': bi('this option needs a value', '该选项需要一个值'),
  'commander.missingMandatoryOptionValue': bi('a required option is missing', '缺少必需的选项'),
  'commander.invalidArgument': bi('this value is not allowed', '不允许该值'),
  'commander.excessArguments': bi('too many arguments', '参数过多'),
  'commander.conflictingOption': bi('these options exclude each other', '这些选项互相排斥'),
};

/** Prints what is wrong with the call. Help and version asked for are not errors. Returns the exit code. */
export function explainUsage(error: CommanderError, lang: Lang, write: (text: string) => void): number {
  const asked = error.code === 'commander.helpDisplayed' || error.code === 'commander.version';
  if (asked) return 0;
  const kind = USAGE[error.code];
  const detail = error.message.replace(/^error: /, '');
  const prefix = textIn(bi('error', '错误'), lang);
  if (error.code !== 'commander.help') {
    write(`${prefix}: ${kind === undefined || lang === 'en' ? detail : `${kind.zh} — ${detail}`}\n`);
  }
  write(
    `${textIn(bi('See `firedrill --help` or `firedrill COMMAND --help`.', '请看 `firedrill --help` 或 `firedrill 命令 --help`。'), lang)}\n`,
  );
  return 2;
}
