import { type ChildProcess, spawn } from 'node:child_process';
import { bi } from '../../core/text.js';
import type { Run } from '../context.js';
import { passed, type StepOf, type StepResult } from './result.js';

const OUTPUT_BYTES = 4_096;
const POLITE_MS = 2_000;
/** Pipes held open by children of the command are not waited for. */
const DRAIN_MS = 200;

/** The command's own program and arguments, without a shell, with nothing of our environment but these. */
const PASSED_ON = ['PATH', 'HOME', 'LANG'] as const;

export async function command(run: Run, step: StepOf<'run'>, signal: AbortSignal): Promise<StepResult> {
  const everyNode = run.cluster?.binding.nodes.map((node) => node.name) ?? [];
  const { exitCode, output, failure } = await run.nodes.letGo(everyNode, () => execute(run, step.argv, signal));
  run.journal.note({ type: 'command.ended', step: step.id, argv: step.argv, exitCode, output });
  if (exitCode === 0) return passed;
  const [program = ''] = step.argv;
  if (failure !== null) return { outcome: 'fail', reason: bi(`${program}: ${failure}`, `${program}：${failure}`) };
  if (exitCode === null)
    return { outcome: 'fail', reason: bi(`${program} was ended by a signal`, `${program} 被信号终止`) };
  return {
    outcome: 'fail',
    reason: bi(`${program} exited with code ${exitCode}`, `${program} 以退出码 ${exitCode} 结束`),
  };
}

interface CommandEnd {
  readonly exitCode: number | null;
  /** The end of what it said. */
  readonly output: string;
  /** Why it could not be started. */
  readonly failure: string | null;
}

async function execute(run: Run, argv: readonly string[], signal: AbortSignal): Promise<CommandEnd> {
  const [program = '', ...args] = argv;
  const child = spawn(program, args, {
    cwd: run.drillDir,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: Object.fromEntries(PASSED_ON.flatMap((name) => [[name, process.env[name]]])),
  });
  let tail = Buffer.alloc(0);
  const keep = (chunk: Buffer): void => {
    tail = Buffer.concat([tail, chunk]).subarray(-OUTPUT_BYTES);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const over = new AbortController();
  const killing = killOnAbort(run, { child, signal, over: over.signal });
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const end = await new Promise<Omit<CommandEnd, 'output'>>((resolve) => {
    child.once('error', (error) => resolve({ exitCode: null, failure: error.message }));
    child.once('exit', (exitCode) => resolve({ exitCode, failure: null }));
  });
  over.abort();
  await killing;
  if (end.failure === null) await Promise.race([closed, run.services.clock.sleep(DRAIN_MS)]);
  child.stdout.destroy();
  child.stderr.destroy();
  return { ...end, output: tail.toString('utf8') };
}

/** At the deadline the whole process group goes: politely, then for good. */
async function killOnAbort(
  run: Run,
  on: { readonly child: ChildProcess; readonly signal: AbortSignal; readonly over: AbortSignal },
): Promise<void> {
  const { clock } = run.services;
  const either = AbortSignal.any([on.signal, on.over]);
  if (!either.aborted)
    await new Promise<void>((resolve) => either.addEventListener('abort', () => resolve(), { once: true }));
  if (on.over.aborted) return;
  killGroup(on.child, 'SIGTERM');
  await clock.sleep(POLITE_MS, on.over);
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
