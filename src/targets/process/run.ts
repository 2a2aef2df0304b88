/** Programs of this machine, run in the network namespace of a node. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { HelperCommand, HelperResult, NodeAbilities } from '../../core/abilities.js';
import type { NodeSpec } from '../../core/drill.js';
import { WorldError } from '../../core/errors.js';
import { signalProcess } from '../../core/node-process.js';
import { listProcesses } from '../../core/process-table.js';
import { bi } from '../../core/text.js';
import { networkOf, ownNetwork, pathOfNetwork } from './namespace.js';

/** By which a program that outlives a killed run is found. */
const MARK_VARIABLE = 'FIREDRILL_HELPER';

export const runInNetworkOf: NonNullable<NodeAbilities['runInNetworkOf']> = (node, command) => {
  if (command.apart === true) return run(node, ['unshare', '--net', '--', ...command.argv], command);
  const network = command.network ?? networkOf(node);
  const path = network === null ? null : pathOfNetwork(network);
  if (path === null) throw noNetwork(node);
  // Whoever asks has made sure; a mistake here would cut off this machine.
  if (network === ownNetwork()) throw isThisMachine(node);
  return run(node, ['nsenter', `--net=${path}`, '--', ...command.argv], command);
};

function run(node: NodeSpec, argv: readonly string[], command: HelperCommand): Promise<HelperResult> {
  const [program = '', ...args] = argv;
  const { stdin = '', withinMs, mark } = command;
  return new Promise((resolve, reject) => {
    const env = { ...process.env, ...(mark === undefined ? {} : { [MARK_VARIABLE]: mark }) };
    const child = spawn(program, args, { env, stdio: 'pipe' });
    const said = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (piece: string) => {
        said[stream] += piece;
      });
    }
    // One that ends without reading all of it tells so by its exit code.
    child.stdin.on('error', () => {});
    child.stdin.end(stdin);
    const late =
      withinMs === undefined
        ? undefined
        : setTimeout(() => resolve({ exitCode: -1, cutOff: true, ...said }), withinMs).unref();
    child.once('error', (error) => reject(notRun(node, program, error)));
    child.once('close', (code) => {
      clearTimeout(late);
      resolve({ exitCode: code ?? -1, ...said });
    });
  });
}

export const endHelpers: NonNullable<NodeAbilities['endHelpers']> = async (_node, mark) => {
  for (const row of listProcesses('iptables')) if (isMarked(row.pid, mark)) signalProcess(row, 'SIGKILL');
};

function isMarked(pid: number, mark: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`${MARK_VARIABLE}=${mark}`);
  } catch {
    // It has ended, or belongs to somebody else.
    return false;
  }
}

const noNetwork = ({ name }: NodeSpec): WorldError =>
  new WorldError({
    code: 'node-not-running',
    message: bi(
      `${name} does not run, and nothing holds its network namespace any more`,
      `${name} 没有运行，其网络命名空间也已不存在`,
    ),
  });

const isThisMachine = ({ name }: NodeSpec): WorldError =>
  new WorldError({
    code: 'network-is-ours',
    message: bi(
      `${name} is in the network namespace of Firedrill itself`,
      `${name} 与 Firedrill 处于同一个网络命名空间`,
    ),
  });

const notRun = (node: NodeSpec, program: string, cause: Error): WorldError =>
  new WorldError({
    code: 'network-program-failed',
    message: bi(
      `\`${program}\` could not be run for the network of ${node.name}: ${cause.message}`,
      `无法为 ${node.name} 的网络运行 \`${program}\`：${cause.message}`,
    ),
    cause,
  });
