/** What a `status` command tells: by words `state=… pid=… start=…`, by those of `systemctl show`, or by its exit code. */
import { createHash } from 'node:crypto';
import type { NodeSpec } from '../../core/drill.js';
import type { NodeState } from '../../core/target.js';
import { bi } from '../../core/text.js';
import { commandFailed, howItEnded, type Ran, runCommand } from './run.js';

export interface NodeStatus {
  readonly node: NodeState;
  /** As its manager calls its policy of bringing it back: systemd's and Docker's words; null = not told. */
  readonly restart: string | null;
}

/** As the init scripts have it (LSB): 0 = runs, 3 = does not run. Every other code tells nothing. */
const RUNS = 0;
const DOES_NOT_RUN = 3;

/** In small letters; the single ones are those of the process table (`ps -o s=`). */
const WORDS = new Map<string, 'running' | 'frozen' | 'gone' | 'by-pid'>([
  ...['running', 'active', 'reloading', 'r', 's', 'd', 'i'].map((word) => [word, 'running'] as const),
  ...['frozen', 'paused', 't'].map((word) => [word, 'frozen'] as const),
  ...['stopped', 'gone', 'inactive', 'failed', 'exited', 'dead', 'created', 'z', 'x'].map(
    (word) => [word, 'gone'] as const,
  ),
  ...['activating', 'deactivating', 'restarting'].map((word) => [word, 'by-pid'] as const),
]);

export async function statusOf(node: NodeSpec): Promise<NodeStatus> {
  const ran = await runCommand(node, 'status');
  const status = readStatus(ran);
  if (status !== null) return status;
  const ended = howItEnded(ran);
  const why = bi(
    `does not tell whether the node runs: it ${ended.en}; it must print state=running, state=frozen or state=stopped, or end with code 0 (runs) or 3 (does not)`,
    `没有说明节点是否在运行：${ended.zh}；它应输出 state=running、state=frozen 或 state=stopped，或以退出码 0（运行）或 3（未运行）结束`,
  );
  throw commandFailed(node, 'status', { ran, why });
}

/** Null = it cannot be told. */
export function readStatus({ exitCode, stdout }: Pick<Ran, 'exitCode' | 'stdout'>): NodeStatus | null {
  if (exitCode !== RUNS && exitCode !== DOES_NOT_RUN) return null;
  const told = wordsOf(stdout);
  const restart = told.get('restart') ?? null;
  const state = stateOf(told, exitCode);
  if (state === null || (exitCode === DOES_NOT_RUN && state !== 'gone')) return null;
  if (state === 'gone') return { node: { state }, restart };
  const start = told.get('start') ?? told.get('execmainstarttimestampmonotonic') ?? '';
  return { node: { state, pid: pidOf(told) ?? 0, startTicks: numberFor(start) }, restart };
}

function stateOf(told: ReadonlyMap<string, string>, exitCode: number): 'running' | 'frozen' | 'gone' | null {
  const pid = pidOf(told);
  if (pid === 0) return 'gone';
  if (told.get('freezerstate') === 'frozen') return 'frozen';
  const said = told.get('state') ?? told.get('activestate');
  if (said === undefined) return exitCode === RUNS ? 'running' : 'gone';
  const state = WORDS.get(said.toLowerCase());
  if (state !== 'by-pid') return state ?? null;
  return pid === null ? null : 'running';
}

/** `key=value` pairs anywhere, keys in small letters; a single bare word is the state. */
function wordsOf(stdout: string): ReadonlyMap<string, string> {
  const words = stdout.split(/\s+/).filter((word) => word !== '');
  const [only = ''] = words;
  if (words.length === 1 && !only.includes('=')) return new Map([['state', only]]);
  return new Map(
    words.flatMap((word): readonly (readonly [string, string])[] => {
      const at = word.indexOf('=');
      return at < 1 ? [] : [[word.slice(0, at).toLowerCase(), word.slice(at + 1)]];
    }),
  );
}

/** Null = not told. */
function pidOf(told: ReadonlyMap<string, string>): number | null {
  const text = told.get('pid') ?? told.get('mainpid') ?? '';
  return /^\d{1,10}$/.test(text) ? Number(text) : null;
}

/** A start may be told by a date or by anything else that is another one at the next start. */
function numberFor(start: string): number {
  if (/^\d{1,15}$/.test(start)) return Number(start);
  return start === '' ? 0 : createHash('sha256').update(start).digest().readUIntBE(0, 6);
}
