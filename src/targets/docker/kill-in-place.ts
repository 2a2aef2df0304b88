import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import type { NodeAbilities } from '../../core/abilities.js';
import type { NodeSpec } from '../../core/drill.js';
import { WorldError } from '../../core/errors.js';
import { signalProcess } from '../../core/node-process.js';
import { readProcess } from '../../core/process-table.js';
import { type Bilingual, bi } from '../../core/text.js';
import { requireContainer } from './stop.js';

/** From the host: a signal to a container's first process from inside its own namespace is ignored. */
export const killInPlace: NonNullable<NodeAbilities['killInPlace']> = async (node) => {
  const { Id, State } = await requireContainer(node);
  if (State.Pid === 0) return false;
  const why = reasonAgainst(Id, State.Pid);
  if (why !== null) throw new WorldError({ code: 'kill-in-place-missing', message: why });
  const row = readProcess(State.Pid);
  return row !== null && signalProcess(row, 'SIGKILL');
};

/** Null = its process is one of this machine, and may be killed by us. */
export async function lacksKillInPlace(node: NodeSpec): Promise<Bilingual | null> {
  const { Id, State } = await requireContainer(node);
  return State.Pid === 0 ? null : reasonAgainst(Id, State.Pid);
}

function reasonAgainst(id: string, pid: number): Bilingual | null {
  if (!isOfContainer(pid, id)) {
    return bi(
      'kill in place needs the engine’s own machine: the container’s process is not among those of this one',
      '就地杀死需要在引擎所在的机器上运行：容器的进程不在本机',
    );
  }
  if (userInfo().uid === 0) return null;
  return bi('kill in place needs root: run Firedrill with sudo', '就地杀死需要 root 权限：请用 sudo 运行 Firedrill');
}

/** A remote engine's process id may be that of any process here: the control group tells. */
function isOfContainer(pid: number, id: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(id);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ESRCH') return false;
    throw error;
  }
}
