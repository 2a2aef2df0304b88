import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { invariant, WorldError } from './errors.js';
import { bi } from './text.js';

/** One row of the process table. A zombie is not alive: it is left out everywhere. */
export interface ProcessRow {
  readonly pid: number;
  readonly ppid: number;
  /** `T` = stopped by a signal (frozen). */
  readonly state: string;
  /** Start time in clock ticks after boot: with the pid it names one process. */
  readonly startTicks: number;
  readonly argv: readonly string[];
}

/** The process with this pid, or null when there is none (or only a zombie). Linux: reads /proc. */
export function readProcess(pid: number): ProcessRow | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name stands in brackets and may itself hold brackets and spaces.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const state = fields[0] ?? '';
    if (state === 'Z' || state === 'X') return null;
    const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
    return { pid, ppid: Number(fields[1]), state, startTicks: Number(fields[19]), argv };
  } catch (error) {
    if (!isGone(error)) throw error;
    // Without a process table every process would seem to be gone.
    if (!existsSync('/proc/self/stat')) throw noProcessTable();
    return null;
  }
}

/** Every live process, read at this moment; with a text, only those that have it among their arguments. */
export function listProcesses(holding = ''): readonly ProcessRow[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && (holding === '' || argumentsHold(name, holding)))
    .flatMap((name) => readProcess(Number(name)) ?? []);
}

/** Reading one file instead of two, of every process of the machine: searching must not hold the canary up. */
function argumentsHold(pid: string, text: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`).includes(text);
  } catch (error) {
    if (isGone(error)) return false;
    throw error;
  }
}

export const isAlive = (pid: number, startTicks: number): boolean => readProcess(pid)?.startTicks === startTicks;

/** This process, so that another one can tell whether it is still alive. */
export function ownProcess(): Pick<ProcessRow, 'pid' | 'startTicks'> {
  const row = readProcess(process.pid);
  invariant(row !== null, 'this process is not in the process table');
  return { pid: row.pid, startTicks: row.startTicks };
}

/** Changes with every boot: monotonic times are comparable only within one. */
export const bootId = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

function isGone(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ESRCH';
}

const noProcessTable = (): WorldError =>
  new WorldError({
    code: 'no-process-table',
    message: bi(
      'There is no process table under /proc, so it cannot be told which processes are alive.',
      '/proc 下没有进程表，无法判断哪些进程仍在运行。',
    ),
    hint: bi('Run Firedrill on Linux, with /proc mounted.', '请在挂载了 /proc 的 Linux 上运行 Firedrill。'),
  });
