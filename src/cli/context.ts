import { homedir } from 'node:os';
import { join } from 'node:path';
import { LANGS, type Lang, type Text, textIn } from '../core/text.js';

export const PROGRESS_MODES = ['auto', 'tty', 'plain', 'json', 'quiet'] as const;
export type ProgressMode = (typeof PROGRESS_MODES)[number];

/** The outside world of one command: the only place that reads `process`. */
export interface Context {
  readonly env: NodeJS.ProcessEnv;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly lang: Lang;
  readonly color: boolean;
  /** A person is at the terminal and may be asked. */
  readonly interactive: boolean;
  readonly json: boolean;
  readonly progress: Exclude<ProgressMode, 'auto'>;
  readonly stateRoot: string;
  /** Result: standard output. */
  readonly out: (text: string) => void;
  /** Everything else: standard error. */
  readonly err: (text: string) => void;
  readonly say: (text: Text) => string;
}

export interface GlobalOptions {
  readonly lang?: string;
  readonly json?: boolean;
  readonly progress?: ProgressMode;
  readonly input?: boolean;
}

export function makeContext(options: GlobalOptions): Context {
  const { env } = process;
  const lang = resolveLang(options.lang, env);
  const plainTerminal = env.TERM === 'dumb' || env.CI !== undefined;
  const tty = process.stderr.isTTY === true;
  return {
    env,
    argv: process.argv.slice(2),
    cwd: process.cwd(),
    lang,
    color: tty && (env.NO_COLOR ?? '') === '' && !plainTerminal,
    interactive: process.stdin.isTTY === true && tty && options.input !== false && env.CI === undefined,
    json: options.json === true,
    progress: resolveProgress(options.progress, tty && !plainTerminal),
    stateRoot: stateRootOf(env),
    out: (text) => void process.stdout.write(`${text}\n`),
    err: (text) => void process.stderr.write(`${text}\n`),
    say: (text) => textIn(text, lang),
  };
}

function resolveProgress(asked: ProgressMode | undefined, tty: boolean): Context['progress'] {
  if (asked !== undefined && asked !== 'auto') return asked;
  return tty ? 'tty' : 'plain';
}

/** `--lang`, then FIREDRILL_LANG, then the locale; English when none says Chinese. */
export function resolveLang(asked: string | undefined, env: NodeJS.ProcessEnv): Lang {
  const named = LANGS.find((lang) => lang === (asked ?? env.FIREDRILL_LANG));
  if (named !== undefined) return named;
  const locale = env.LC_ALL || env.LC_MESSAGES || env.LANG || '';
  return locale.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

function stateRootOf(env: NodeJS.ProcessEnv): string {
  if (env.FIREDRILL_STATE) return env.FIREDRILL_STATE;
  return join(env.XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'firedrill');
}

/** A path as people and artefacts see it: relative to the working directory, or from `~`; never a machine's own path. */
export function showPath(path: string, ctx: Pick<Context, 'cwd' | 'stateRoot'>): string {
  if (path === ctx.cwd) return '.';
  if (path.startsWith(`${ctx.cwd}/`)) return path.slice(ctx.cwd.length + 1);
  if (path.startsWith(`${ctx.stateRoot}/`)) return `$STATE${path.slice(ctx.stateRoot.length)}`;
  const home = homedir();
  return path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}
