import { readdirSync, readFileSync } from 'node:fs';

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
    if (isGone(error)) return null;
    throw error;
  }
}

/** Every live process, read at this moment. */
export function listProcesses(): readonly ProcessRow[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readProcess(Number(name)) ?? []);
}

export const isAlive = (pid: number, startTicks: number): boolean => readProcess(pid)?.startTicks === startTicks;

/** Changes with every boot: monotonic times are comparable only within one. */
export const bootId = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

function isGone(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ESRCH';
}
