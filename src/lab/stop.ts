import { type Clock, pollUntil } from '../core/clock.js';
import type { NodeSpec } from '../core/drill.js';
import { WorldError } from '../core/errors.js';
import { findNodeProcess, signalProcess } from '../core/node-process.js';
import { isAlive, type ProcessRow } from '../core/process-table.js';
import { bi } from '../core/text.js';

const POLITE_MS = 3_000;
const FORCED_MS = 5_000;

/** TERM, and KILL if that does not end it; returns when the process is gone. */
export async function stopProcess(node: Pick<NodeSpec, 'name' | 'find'>, clock: Clock): Promise<void> {
  const row = findNodeProcess(node);
  if (row === null) return;
  signalProcess(row, 'SIGTERM');
  // A frozen process cannot hear TERM before it goes on.
  if (row.state === 'T') signalProcess(row, 'SIGCONT');
  if (await isGone(row, { clock, withinMs: POLITE_MS })) return;
  signalProcess(row, 'SIGKILL');
  if (await isGone(row, { clock, withinMs: FORCED_MS })) return;
  throw new WorldError({
    code: 'lab-not-stopped',
    message: bi(
      `${node.name} (pid ${row.pid}) is still there ${FORCED_MS / 1_000} s after SIGKILL`,
      `${node.name}（进程号 ${row.pid}）在 SIGKILL 之后 ${FORCED_MS / 1_000} 秒仍未结束`,
    ),
  });
}

async function isGone(
  row: ProcessRow,
  { clock, withinMs }: { readonly clock: Clock; readonly withinMs: number },
): Promise<boolean> {
  const look = async (): Promise<boolean> => !isAlive(row.pid, row.startTicks);
  return (await pollUntil(look, (gone) => gone, { clock, withinMs, everyMs: 10 })).reached;
}
