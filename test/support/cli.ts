/** The built command line as a user starts it, each test in a state folder and a port range of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repo = fileURLToPath(new URL('../../', import.meta.url));
export const cliPath = join(repo, 'dist/cli/main.js');

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

export interface CliHome {
  readonly dir: string;
  readonly state: string;
  readonly reports: string;
  readonly env: NodeJS.ProcessEnv;
  readonly run: (...args: readonly string[]) => Promise<Ended>;
  readonly start: (args: readonly string[], env?: NodeJS.ProcessEnv) => Started;
  /** Recovers, stops the labs, ends what was started, removes the files. */
  readonly dispose: () => Promise<void>;
}

export function cliHome(basePort: number): CliHome {
  if (!existsSync(cliPath)) throw new Error('dist/ is missing: run `npm run build` first');
  const dir = mkdtempSync(join(tmpdir(), 'firedrill-cli-'));
  const state = join(dir, 'state');
  const { CI: _ci, FIREDRILL_LANG: _lang, ...inherited } = process.env;
  const env = { ...inherited, FIREDRILL_STATE: state, FIREDRILL_LAB_PORT_BASE: String(basePort), LANG: 'C.UTF-8', NO_COLOR: '1' };
  const started: ChildProcess[] = [];
  const start = (args: readonly string[], more: NodeJS.ProcessEnv = {}): Started => {
    const handle = startProcess([process.execPath, cliPath, ...args], { cwd: repo, env: { ...env, ...more } });
    started.push(handle.child);
    return handle;
  };
  const run = (...args: readonly string[]): Promise<Ended> => start(args).ended;
  return {
    dir,
    state,
    reports: join(dir, 'reports'),
    env,
    run,
    start,
    dispose: async () => {
      for (const child of started) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await run('recover');
      for (const lab of ['antietcd-3', 'etcd-3']) await run('lab', 'down', lab);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

export function startProcess(argv: readonly string[], options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv }): Started {
  const [program = '', ...args] = argv;
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (part: Buffer) => {
    stdout += part.toString();
  });
  child.stderr.on('data', (part: Buffer) => {
    stderr += part.toString();
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
    const look = (): boolean => (typeof text === 'string' ? started.stderr().includes(text) : text.test(started.stderr()));
    const onData = (): void => {
      if (!look()) return;
      started.child.stderr?.off('data', onData);
      resolve();
    };
    started.child.stderr?.on('data', onData);
    onData();
    void started.ended.then((end) => (look() ? resolve() : reject(new Error(`ended with ${end.code} before saying ${text}:\n${end.stderr}`))));
  });
}
