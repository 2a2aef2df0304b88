import { systemClock } from '../core/clock.js';
import { WorldError } from '../core/errors.js';
import { findNodeProcess, nodeStateOf, startNodeProcess } from '../core/node-process.js';
import { isAlive } from '../core/process-table.js';
import type { NodeDriver } from '../core/target.js';
import { bi } from '../core/text.js';

/** Nodes that are plain processes of this machine. */
export const processDriver: NodeDriver = {
  name: 'process',
  inspect: async (node) => nodeStateOf(findNodeProcess(node)),
  signal: async (node, signal) => {
    const row = findNodeProcess(node);
    // Searching takes time, and a pid can change hands: look again right before the signal.
    if (row === null || !isAlive(row.pid, row.startTicks)) return false;
    return send(node.name, row.pid, signal);
  },
  start: (node) => startNodeProcess(node, systemClock),
};

function send(name: string, pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ESRCH') return false;
    throw new WorldError({
      code: 'signal-refused',
      message: bi(
        `${signal} could not be sent to ${name} (pid ${pid}): ${code === 'EPERM' ? 'it belongs to another user' : error}`,
        `无法向 ${name}（进程号 ${pid}）发送 ${signal}：${code === 'EPERM' ? '该进程属于其他用户' : error}`,
      ),
      hint: bi('Run Firedrill as the user the node runs as.', '请以运行该节点的用户身份运行 Firedrill。'),
      cause: error,
    });
  }
}
