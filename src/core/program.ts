/** One run of a user's own program: without a shell, in a process group of its own, bounded in time and output. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Clock } from './clock.js';
import { type Bilingual, bi } from './text.js';

const KEPT_BYTES = 4_096;
const STDOUT_BYTES = 65_536;
const POLITE_MS = 2_000;
/** Pipes held open by children of the program are not waited for. */
const DRAIN_MS = 200;

export interface ProgramRun {
  readonly argv: readonly string[];
  readonly cwd?: string;
  /** Default: our own. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** At its abort the whole process group ends: politely, then for good. */
  readonly signal: AbortSignal;
}

export interface ProgramEnd {
  /** Null = it was ended by a signal, or could not be started. */
  readonly exitCode: number | null;
  /** Why it could not be started. */
  readonly failure: string | null;
  /** Its beginning. */
  readonly stdout: string;
  readonly stderr: string;
  /** The end of all it said. */
  readonly output: string;
}

export async function runProgram({ argv, cwd, env, clock, signal }: ProgramRun): Promise<ProgramEnd> {
  const [program = '', ...args] = argv;
  const child = spawn(program, args, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
    ...(env === undefined ? {} : { env }),
  });
  const said = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0), output: Buffer.alloc(0) };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (chunk: Buffer) => {
      said[name] = Buffer.concat([said[name], chunk]).subarray(0, STDOUT_BYTES);
      said.output = Buffer.concat([said.output, chunk]).subarray(-KEPT_BYTES);
    });
  }
  const over = new AbortController();
  const killing = killOnAbort({ child, signal, over: over.signal, clock });
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const end = await new Promise<Pick<ProgramEnd, 'exitCode' | 'failure'>>((resolve) => {
    child.once('error', (error) => resolve({ exitCode: null, failure: error.message }));
    child.once('exit', (exitCode) => resolve({ exitCode, failure: null }));
  });
  over.abort();
  await killing;
  if (end.failure === null) await Promise.race([closed, clock.sleep(DRAIN_MS)]);
  child.stdout.destroy();
  child.stderr.destroy();
  const text = { stdout: said.stdout.toString('utf8'), stderr: said.stderr.toString('utf8') };
  return { ...end, ...text, output: said.output.toString('utf8') };
}

/** What of our environment every program of the user's gets: nothing that could hold a secret. */
const PASSED_ON = ['PATH', 'HOME', 'LANG'] as const;
export const ordinaryEnv = (): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(PASSED_ON.map((name) => [name, process.env[name]]));

/** Why a program did not end well; null = it did. */
export function whyFailed(argv: readonly string[], { exitCode, failure }: ProgramEnd): Bilingual | null {
  const [program = ''] = argv;
  if (failure !== null) return bi(`${program}: ${failure}`, `${program}：${failure}`);
  if (exitCode === null) return bi(`${program} was ended by a signal`, `${program} 被信号终止`);
  return exitCode === 0 ? null : bi(`${program} exited with code ${exitCode}`, `${program} 以退出码 ${exitCode} 结束`);
}

async function killOnAbort(on: {
  readonly child: ChildProcess;
  readonly signal: AbortSignal;
  readonly over: AbortSignal;
  readonly clock: Clock;
}): Promise<void> {
  const either = AbortSignal.any([on.signal, on.over]);
  if (!either.aborted)
    await new Promise<void>((resolve) => either.addEventListener('abort', () => resolve(), { once: true }));
  if (on.over.aborted) return;
  killGroup(on.child, 'SIGTERM');
  await on.clock.sleep(POLITE_MS, on.over);
  if (!on.over.aborted) killGroup(on.child, 'SIGKILL');
}

function killGroup(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    // The group ended by itself in between.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
