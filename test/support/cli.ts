/** The built command line in a home of its own: state, reports, ports. Everything it leaves is taken away, by pid. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repo = fileURLToPath(new URL('../../', import.meta.url));
export const cliPath = join(repo, 'dist/bin/main.js');

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Everything written to standard error so far. */
  readonly stderr: () => string;
}

export interface StartOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

export interface CliHome {
  readonly dir: string;
  readonly state: string;
  readonly reports: string;
  readonly env: NodeJS.ProcessEnv;
  readonly run: (...args: readonly string[]) => Promise<Ended>;
  readonly start: (args: readonly string[], options?: StartOptions) => Started;
  /** Any other program in this home's environment; ended with it. */
  readonly startProgram: (argv: readonly string[], options?: StartOptions) => Started;
  /** Recovers, stops the labs, ends what was started, removes the files. Rejects when a process was left over. */
  readonly dispose: () => Promise<void>;
}

/** `inside` = what is put before each argv, such as `nsenter --net=…`. */
export function cliHome(basePort: number, processEnv = process.env, inside: readonly string[] = []): CliHome {
  if (!existsSync(cliPath)) throw new Error('dist/ is missing: run `npm run build` first');
  const dir = mkdtempSync(join(tmpdir(), 'firedrill-cli-'));
  const state = join(dir, 'state');
  const { CI: _ci, FIREDRILL_LANG: _lang, LC_ALL: _all, FORCE_COLOR: _color, ...inherited } = processEnv;
  const home = { FIREDRILL_STATE: state, FIREDRILL_LAB_PORT_BASE: String(basePort), LANG: 'C.UTF-8' };
  const env = { ...inherited, ...home };
  const all: Started[] = [];
  const startProgram = (argv: readonly string[], { cwd = repo, env: more = {} }: StartOptions = {}): Started => {
    const started = startProcess([...inside, ...argv], { cwd, env: { ...env, ...more } });
    all.push(started);
    return started;
  };
  const start = (args: readonly string[], options?: StartOptions): Started =>
    startProgram([process.execPath, cliPath, ...args], options);
  const run = (...args: readonly string[]): Promise<Ended> => start(args).ended;
  return {
    dir,
    state,
    reports: join(dir, 'reports'),
    env,
    run,
    start,
    startProgram,
    dispose: async () => {
      for (const { child } of all) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await run('recover');
      // Every lab that was started has a folder there.
      const labs = join(state, 'labs');
      for (const lab of existsSync(labs) ? readdirSync(labs) : []) await run('lab', 'down', lab);
      const left = processesWith(dir);
      for (const { pid } of left) process.kill(pid, 'SIGKILL');
      rmSync(dir, { recursive: true, force: true });
      if (left.length > 0) throw new Error(`left over: ${left.map(({ pid, argv }) => `${pid} ${argv}`).join('; ')}`);
    },
  };
}

function startProcess(
  argv: readonly string[],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Started {
  const [program = '', ...args] = argv;
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    stdout += part;
  });
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    stderr += part;
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { child, ended, stderr: () => stderr };
}

/** Resolves when the process has said `text` on standard error; rejects when it ends before that. */
export function said(started: Started, text: string | RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): boolean =>
      typeof text === 'string' ? started.stderr().includes(text) : text.test(started.stderr());
    const onData = (): void => {
      if (!look()) return;
      started.child.stderr?.off('data', onData);
      resolve();
    };
    started.child.stderr?.on('data', onData);
    onData();
    void started.ended.then((end) =>
      look()
        ? resolve()
        : reject(new Error(`ended with ${end.code ?? end.signal} before saying ${text}:\n${end.stderr}`)),
    );
  });
}

/** Looks until there is something to see, and gives that. Rejects with what it waited for. */
export async function until<T>(
  what: string,
  look: () => T | null | undefined | Promise<T | null | undefined>,
): Promise<T> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    const seen = await look();
    if (seen !== null && seen !== undefined && seen !== false) return seen;
    if (performance.now() > deadline) throw new Error(`not seen within 30 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** State letter of a process in /proc (`T` = stopped by a signal); null = gone, or a zombie. */
export function processState(pid: number): string | null {
  const stat = readOrNull(`/proc/${pid}/stat`);
  const state = stat?.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) ?? null;
  return state === 'Z' || state === 'X' ? null : state;
}

/** Live processes with `text` in one of their arguments. */
export const processesWith = (text: string): readonly { readonly pid: number; readonly argv: string }[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((name) => ({ pid: Number(name), argv: (readOrNull(`/proc/${name}/cmdline`) ?? '').replaceAll('\0', ' ') }))
    .filter(({ pid, argv }) => argv.includes(text) && processState(pid) !== null);

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // The process is gone.
    return null;
  }
}
