/** Finding and starting the process of a node: shared by the process driver and the labs. Linux. */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Clock, pollUntil } from './clock.js';
import type { NodeSpec } from './drill.js';
import { invariant, WorldError } from './errors.js';
import { isAlive, listProcesses, type ProcessRow, readProcess } from './process-table.js';
import type { NodeState } from './target.js';
import { bi } from './text.js';

const APPEARS_WITHIN_MS = 10_000;
/** A wrong flag or a taken port ends a server this soon; its later death is for the registry's answers to tell. */
const SURVIVES_MS = 100;
const AMBIGUOUS = 'node-ambiguous';

/** The one live process of the node, or null when it is gone; more than one is a WorldError. */
export function findNodeProcess(node: Pick<NodeSpec, 'name' | 'find'>): ProcessRow | null {
  if (node.find.by === 'pid-file') return byPidFile(node.find.path);
  invariant(node.find.by === 'argument', `${node.name} is a container: only the docker driver finds it`);
  const { text } = node.find;
  const rows = listProcesses(text).filter((row) => row.argv.some((arg) => arg === text || arg.endsWith(`=${text}`)));
  if (rows.length <= 1) return rows[0] ?? null;
  const pids = rows.map((row) => row.pid).join(', ');
  throw new WorldError({
    code: AMBIGUOUS,
    message: bi(
      `${node.name}: ${rows.length} processes have the argument “${text}” (pids ${pids})`,
      `${node.name}：有 ${rows.length} 个进程带参数“${text}”（进程号 ${pids}）`,
    ),
    hint: bi(
      'Name an argument that only this node has, for example its data folder, or a pid file.',
      '请改用只有该节点才有的参数（例如其数据目录）或 pid 文件。',
    ),
  });
}

function byPidFile(path: string): ProcessRow | null {
  if (!existsSync(path)) return null;
  const text = readFileSync(path, 'utf8').trim();
  if (/^[1-9]\d*$/.test(text)) return readProcess(Number(text));
  throw new WorldError({
    code: 'pid-file-unreadable',
    message: bi(`pid file ${path} holds no process id: “${text}”`, `pid 文件 ${path} 中没有进程号：“${text}”`),
  });
}

/** Signals exactly this process: false when it is gone, also when its pid belongs to another one by now. */
export function signalProcess(found: Pick<ProcessRow, 'pid' | 'startTicks'>, signal: NodeJS.Signals): boolean {
  const { pid, startTicks } = found;
  if (!isAlive(pid, startTicks)) return false;
  try {
    return process.kill(pid, signal);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ESRCH') return false;
    throw new WorldError({
      code: 'signal-refused',
      message: bi(
        `${signal} could not be sent to process ${pid}: ${error}`,
        `无法向进程 ${pid} 发送 ${signal}：${error}`,
      ),
      hint: bi('Run Firedrill as the user the node runs as.', '请以运行该节点的用户身份运行 Firedrill。'),
      cause: error,
    });
  }
}

export function nodeStateOf(row: ProcessRow | null): NodeState {
  if (row === null) return { state: 'gone' };
  return { state: row.state === 'T' ? 'frozen' : 'running', pid: row.pid, startTicks: row.startTicks };
}

/** Where a node that we start writes what it says; null = nowhere, because its data is not known. */
const nodeLogPath = (node: NodeSpec): string | null => (node.data === undefined ? null : `${node.data}.firedrill.log`);

/** While a script that starts the node hands over, both may have the argument by which the node is known. */
function oneOf(node: NodeSpec): ProcessRow | 'several' | null {
  try {
    return findNodeProcess(node);
  } catch (error) {
    if (error instanceof WorldError && error.code === AMBIGUOUS) return 'several';
    throw error;
  }
}

/** Starts the node unless it runs, in a session of its own, so that it outlives us and our terminal. */
export async function startNodeProcess(node: NodeSpec, clock: Clock): Promise<NodeState> {
  const already = findNodeProcess(node);
  if (already !== null) return nodeStateOf(already);
  const child = spawnDetached(node);
  const { value: row, waitedMs } = await pollUntil(
    async () => (child.failed() === null ? oneOf(node) : null),
    (found) => (found !== null && found !== 'several') || child.failed() !== null,
    { clock, withinMs: APPEARS_WITHIN_MS, everyMs: 20 },
  );
  if (row !== null) await Promise.race([child.over, clock.sleep(SURVIVES_MS)]);
  await pollUntil(
    async () => oneOf(node),
    (found) => found !== 'several',
    {
      clock,
      withinMs: APPEARS_WITHIN_MS,
      everyMs: 20,
    },
  );
  const failure = child.failed();
  const state = nodeStateOf(findNodeProcess(node));
  if (failure === null && state.state !== 'gone') return state;
  throw startFailed(node, failure ?? `no process of it appeared within ${Math.round(waitedMs)} ms`);
}

/** `failed` tells of an exit with an error; a starter that daemonises and exits with 0 has not failed. */
function spawnDetached(node: NodeSpec): { readonly failed: () => string | null; readonly over: Promise<void> } {
  const [program, ...args] = node.start;
  if (program === undefined) return { failed: () => 'its `start` is empty', over: Promise.resolve() };
  const log = openLog(node);
  let failure: string | null = null;
  const child = spawn(program, args, {
    detached: true,
    stdio: ['ignore', log ?? 'ignore', log ?? 'ignore'],
    ...(node.cwd === undefined ? {} : { cwd: node.cwd }),
  });
  if (log !== null) closeSync(log);
  child.unref();
  const over = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      failure = error.message;
      resolve();
    });
    child.once('exit', (code, signal) => {
      if (code !== 0) failure = signal === null ? `it exited at once with code ${code}` : `it was ended by ${signal}`;
      resolve();
    });
  });
  return { failed: () => failure, over };
}

function openLog(node: NodeSpec): number | null {
  const path = nodeLogPath(node);
  if (path === null) return null;
  mkdirSync(dirname(path), { recursive: true });
  return openSync(path, 'a');
}

/** The last lines of the node's log, each on a line of its own after a line break; empty if it said nothing. */
export function lastWords(node: NodeSpec): string {
  const log = nodeLogPath(node);
  const said = log !== null && existsSync(log) ? readFileSync(log, 'utf8').trim() : '';
  return said === '' ? '' : `\n${said.split('\n').slice(-15).join('\n')}`;
}

function startFailed(node: NodeSpec, why: string): WorldError {
  const log = nodeLogPath(node);
  const tail = lastWords(node);
  return new WorldError({
    code: 'node-start-failed',
    message: bi(
      `${node.name} could not be started with \`${node.start.join(' ')}\`: ${why}${tail}`,
      `无法用 \`${node.start.join(' ')}\` 启动 ${node.name}：${why}${tail}`,
    ),
    ...(log === null ? {} : { hint: bi(`Its log is ${log}.`, `其日志在 ${log}。`) }),
  });
}
