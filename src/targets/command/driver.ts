import { systemClock as clock, pollUntil } from '../../core/clock.js';
import type { NodeCommand, NodeSpec } from '../../core/drill.js';
import type { NodeDriver, NodeState } from '../../core/target.js';
import { bi } from '../../core/text.js';
import { lacksCommand } from './lacks.js';
import { commandFailed, commandsOf, howItEnded, type Ran, runCommand } from './run.js';
import { statusOf } from './status.js';

const APPEARS_WITHIN_MS = 10_000;
/** A wrong flag or a taken port ends a server this soon; its later death is for the registry's answers to tell. */
const SURVIVES_MS = 100;
const LOOK_EVERY_MS = 50;

/** Nodes that the user's own commands operate: a VM behind ssh, a unit of systemd, whatever has a command line. */
export const commandDriver: NodeDriver = {
  name: 'command',
  inspect,
  signal: signalNode,
  start,
  stop: async (node, graceMs) => {
    const before = await inspect(node);
    if (before.state === 'gone') return false;
    await end(node, before, graceMs);
    const { reached } = await pollUntil(
      () => inspect(node),
      ({ state }) => state === 'gone',
      { clock, withinMs: graceMs, everyMs: LOOK_EVERY_MS },
    );
    if (!reached && commandsOf(node).kill !== undefined) await act(node, 'kill');
    return true;
  },
  restart: async (node, graceMs) => {
    const before = await inspect(node);
    if (commandsOf(node).restart === undefined || before.state === 'gone') {
      if (before.state !== 'gone') await end(node, before, graceMs);
      return start(node);
    }
    const ran = await runCommand(node, 'restart', graceMs);
    if (ran.exitCode !== 0) throw commandFailed(node, 'restart', { ran, why: howItEnded(ran) });
    return untilThere(node, { ran, what: 'restart' });
  },
  killInPlace: (node) => act(node, 'killInPlace'),
  restartPolicy: async (node) => {
    const { restart: name } = await statusOf(node);
    return name === null || name === '' ? null : { name, bringsBack: name !== 'no' };
  },
  lacks: lacksCommand,
};

async function inspect(node: NodeSpec): Promise<NodeState> {
  return (await statusOf(node)).node;
}

/** No look before a kill and a freeze: on a far machine each question delays the fault by a connection. */
async function signalNode(node: NodeSpec, signal: Parameters<NodeDriver['signal']>[1]): Promise<boolean> {
  if (signal === 'SIGKILL') return act(node, 'kill');
  if (signal === 'SIGSTOP') return act(node, 'freeze');
  const before = await inspect(node);
  if (before.state === 'gone') return false;
  if (signal === 'SIGTERM') return end(node, before);
  return before.state === 'running' || act(node, 'thaw');
}

/** A node that hangs does not end when it is asked to. */
async function end(node: NodeSpec, before: NodeState, graceMs = 0): Promise<boolean> {
  if (before.state === 'frozen') await act(node, 'thaw');
  return act(node, 'stop', graceMs);
}

const BRINGS_TO = { kill: 'gone', killInPlace: 'gone', stop: 'gone', freeze: 'frozen', thaw: 'running' } as const;

/** A command that fails has done no harm when the node is where it was to bring it. False = the node is gone, not by it. */
async function act(node: NodeSpec, what: keyof typeof BRINGS_TO, moreMs = 0): Promise<boolean> {
  const ran = await runCommand(node, what, moreMs);
  if (ran.exitCode === 0) return true;
  const { state } = await inspect(node);
  if (state === 'gone') return false;
  if (state === BRINGS_TO[what]) return true;
  throw commandFailed(node, what, { ran, why: howItEnded(ran) });
}

async function start(node: NodeSpec): Promise<NodeState> {
  const already = await inspect(node);
  if (already.state !== 'gone') return already;
  const ran = await runCommand(node, 'start');
  if (ran.exitCode !== 0) throw commandFailed(node, 'start', { ran, why: howItEnded(ran) });
  return untilThere(node, { ran, what: 'start' });
}

async function untilThere(
  node: NodeSpec,
  { ran, what }: { readonly ran: Ran; readonly what: NodeCommand },
): Promise<NodeState> {
  const { reached, waitedMs } = await pollUntil(
    () => inspect(node),
    ({ state }) => state !== 'gone',
    { clock, withinMs: APPEARS_WITHIN_MS, everyMs: LOOK_EVERY_MS },
  );
  if (reached) await clock.sleep(SURVIVES_MS);
  const state = await inspect(node);
  if (state.state !== 'gone') return state;
  const ended = howItEnded(ran);
  const ms = Math.round(waitedMs);
  const why = bi(
    `${ended.en}, and ${ms} ms later its “status” says that the node does not run`,
    `${ended.zh}，但 ${ms} 毫秒后其“status”显示节点没有运行`,
  );
  throw commandFailed(node, what, { ran, why });
}
