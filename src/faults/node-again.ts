/** A node that was ended and started: another process, back among the voters of its cluster. */
import { pollUntil } from '../core/clock.js';
import { WorldError } from '../core/errors.js';
import type { Confirmation, UndoData, World } from '../core/fault.js';
import { agreedLeader, type MemberView, readMembers } from '../core/members.js';
import { bi } from '../core/text.js';
import { isStill } from './node-down.js';
import { endNode, recordedGrace } from './node-end.js';
import { isSameProcess, nodeNames, type RecordedNode, recordedNodes } from './node-record.js';

const STATUS_LIMIT_MS = 1_000;
const BACK_WITHIN_MS = 60_000;

/** Safe to repeat: a process that is not the recorded one was restarted already. */
export async function restartOnce(world: World, node: RecordedNode, data: UndoData): Promise<void> {
  const { driver } = world.cluster;
  if (await isStill(world, node)) {
    if (driver.restart !== undefined) return void (await driver.restart(node.spec, recordedGrace(data)));
    await endNode(world, node.spec, recordedGrace(data));
  }
  await driver.start(node.spec);
}

/** It votes and it follows (or is) the leader that the majority names. */
export async function untilBack(world: World, node: RecordedNode): Promise<void> {
  const { name } = node.spec;
  const { reached, waitedMs, value } = await pollUntil(
    () => readMembers(world.cluster.registry, { limitMs: STATUS_LIMIT_MS }),
    (views) => isBack(views, name),
    { clock: world.clock, withinMs: BACK_WITHIN_MS, everyMs: 50 },
  );
  if (reached) return;
  const own = value.find((view) => view.node === name)?.answer;
  const why = own === undefined || own.outcome === 'ok' ? 'it does not follow the leader' : own.reason;
  const waited = Math.round(waitedMs);
  throw new WorldError({
    code: 'node-not-back',
    message: bi(
      `node ${name} was restarted and is not back in the cluster after ${waited} ms (${why}); no further node was touched`,
      `节点 ${name} 重启后 ${waited} 毫秒仍未回到集群（${why}）；未再触碰其他节点`,
    ),
    hint: bi('see its log', '请查看其日志'),
  });
}

function isBack(views: readonly MemberView[], name: string): boolean {
  const leader = agreedLeader(views);
  const own = views.find(({ node }) => node === name)?.answer;
  return leader !== null && own?.outcome === 'ok' && own.value.voter && own.value.leader === leader;
}

/** Every node is another process than before, and answers. */
export async function confirmRestarted(world: World, data: UndoData): Promise<Confirmation> {
  const nodes = recordedNodes(world, data);
  const states = await Promise.all(nodes.map(({ spec }) => world.cluster.driver.inspect(spec)));
  const observedMs = world.clock.monotonicMs();
  const waiting = nodes.filter((node, index) => {
    const state = states[index];
    return state === undefined || state.state !== 'running' || isSameProcess(state, node);
  });
  if (waiting.length > 0) {
    const names = nodeNames(waiting);
    const detail = bi(`${names} is not yet another process`, `${names} 尚未成为新的进程`);
    return { bitten: false, observedMs, detail };
  }
  const pids = nodes.map(({ spec, pid }, index) => {
    const state = states[index];
    return `${spec.name} (pid ${pid} → ${state === undefined || state.state === 'gone' ? '–' : state.pid})`;
  });
  const list = pids.join(', ');
  return { bitten: true, observedMs, detail: bi(`restarted: ${list}`, `已重启：${list}`) };
}
