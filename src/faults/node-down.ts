/** What the faults that take a node's process away have in common: the proof that it is gone, and starting it again. */
import { hasEnded } from '../core/abilities.js';
import { pollUntil } from '../core/clock.js';
import type { NodeSpec } from '../core/drill.js';
import { describeError, WorldError } from '../core/errors.js';
import type { Confirmation, RevertResult, UndoData, World } from '../core/fault.js';
import { readMembers } from '../core/members.js';
import { type Bilingual, bi } from '../core/text.js';
import { isSameProcess, nodeNames, type RecordedNode, recordedNodes, withPid } from './node-record.js';

const SERVES_WITHIN_MS = 5_000;
const ENDS_WITHIN_MS = 3_000;

/** True while the node is the process that was recorded: one that was started since then is not ours to end. */
export const isStill = async (world: World, node: RecordedNode): Promise<boolean> =>
  isSameProcess(await world.cluster.driver.inspect(node.spec, node), node);

export async function confirmGone(world: World, data: UndoData): Promise<Confirmation> {
  const nodes = recordedNodes(world, data);
  const { driver } = world.cluster;
  const ended = await Promise.all(
    nodes.map(({ spec, pid, startTicks }) => hasEnded(driver, spec, { pid, startTicks })),
  );
  const observedMs = world.clock.monotonicMs();
  const alive = nodes.filter((_, index) => ended[index] !== true);
  if (alive.length > 0) {
    const names = nodeNames(alive);
    return {
      bitten: false,
      observedMs,
      detail: bi(`the process of ${names} is still in the process table`, `${names} 的进程仍在进程表中`),
    };
  }
  const pids = nodes.map(withPid).join(', ');
  return { bitten: true, observedMs, detail: bi(`gone from the process table: ${pids}`, `已从进程表中消失：${pids}`) };
}

/** Starts those that do not run. */
export async function startAgain(world: World, data: UndoData): Promise<RevertResult> {
  const nodes = recordedNodes(world, data);
  if ('graceMs' in data) await untilEnded(world, nodes);
  return startGone(
    world,
    nodes.map(({ spec }) => spec),
  );
}

/** A node that a run asked to end before the run itself was killed may end only now; it must not be taken for running. */
const untilEnded = (world: World, nodes: readonly RecordedNode[]): Promise<unknown> =>
  pollUntil(
    () => Promise.all(nodes.map((node) => isStill(world, node))),
    (still) => !still.includes(true),
    { clock: world.clock, withinMs: ENDS_WITHIN_MS, everyMs: 50 },
  );

export async function startGone(world: World, nodes: readonly NodeSpec[]): Promise<RevertResult> {
  const { driver } = world.cluster;
  const gone = await goneOf(world, nodes);
  const names = namesOf(gone.length === 0 ? nodes : gone);
  if (gone.length === 0) {
    return { reverted: true, nothingToDo: true, detail: bi(`running already: ${names}`, `${names} 已在运行`) };
  }
  try {
    await Promise.all(gone.map((node) => driver.start(node)));
  } catch (error) {
    if (!(error instanceof WorldError)) throw error;
    return { reverted: false, detail: describeError(error) };
  }
  return afterStart(world, gone);
}

/** A start that the node does not survive is no revert; one that is only slow to serve is. */
async function afterStart(world: World, started: readonly NodeSpec[]): Promise<RevertResult> {
  const names = namesOf(started);
  const { reached } = await pollUntil(
    () => readMembers(world.cluster.registry, { limitMs: 1_000 }),
    (views) => started.every(({ name }) => views.some((view) => view.node === name && view.answer.outcome === 'ok')),
    { clock: world.clock, withinMs: SERVES_WITHIN_MS, everyMs: 50 },
  );
  const dead = await goneOf(world, started);
  if (dead.length > 0) {
    const who = namesOf(dead);
    return {
      reverted: false,
      detail: bi(`${who} was started and ended again; see its log`, `${who} 启动后又退出；请查看其日志`),
    };
  }
  const detail = reached
    ? bi(`started ${names}; it answers`, `已启动 ${names}，且能应答`)
    : bi(`started ${names}; it does not answer yet`, `已启动 ${names}，但尚未应答`);
  return { reverted: true, nothingToDo: false, detail };
}

export const stillDown = async (world: World, data: UndoData): Promise<readonly Bilingual[]> =>
  downSentences(
    world,
    recordedNodes(world, data).map(({ spec }) => spec),
  );

export async function downSentences(world: World, nodes: readonly NodeSpec[]): Promise<readonly Bilingual[]> {
  const dead = await goneOf(world, nodes);
  return dead.map(({ name }) => bi(`node ${name} does not run`, `节点 ${name} 没有运行`));
}

export async function goneOf(world: World, nodes: readonly NodeSpec[]): Promise<readonly NodeSpec[]> {
  const states = await Promise.all(nodes.map((node) => world.cluster.driver.inspect(node)));
  return nodes.filter((_, index) => states[index]?.state === 'gone');
}

const namesOf = (nodes: readonly NodeSpec[]): string => nodes.map(({ name }) => name).join(', ');
