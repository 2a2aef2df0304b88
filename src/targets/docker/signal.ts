import { systemClock } from '../../core/clock.js';
import { engineRefused, statusOf } from '../../core/container-engine.js';
import type { NodeSpec } from '../../core/drill.js';
import { containerNameOf, containerOf, containerState, lookAtContainer } from '../../core/node-container.js';
import type { NodeDriver } from '../../core/target.js';
import { bi } from '../../core/text.js';
import { watchContainers } from './watch.js';

/** The engine frees address and ports before its call returns; the node itself has died long before. */
const DIES_WITHIN_MS = 10_000;

/** Freezing is the engine's pause, of every process of the container at once. */
export const signalContainer: NodeDriver['signal'] = async (node, signal) => {
  // No look before: the engine refuses to kill one that does not run, and each question delays the fault.
  if (signal === 'SIGKILL') return killAndSeeItDie(node);
  const { state } = containerState(await lookAtContainer(node));
  if (state === 'gone') return false;
  switch (signal) {
    case 'SIGSTOP':
      return state === 'frozen' || refusedIfGone(node, 'pause', async () => (await containerOf(node)).pause());
    case 'SIGCONT':
      return state === 'running' || refusedIfGone(node, 'unpause', async () => (await containerOf(node)).unpause());
    case 'SIGTERM':
      return refusedIfGone(node, signal, async () => (await containerOf(node)).kill({ signal }));
  }
};

/** Returns with the news of its death, which comes some 200 ms before the engine's answer. */
async function killAndSeeItDie(node: NodeSpec): Promise<boolean> {
  const watch = await watchContainers([node], systemClock);
  try {
    const container = await containerOf(node);
    const killed = refusedIfGone(node, 'SIGKILL', () => container.kill({ signal: 'SIGKILL' }));
    const died = watch.next(node.name, 'die', DIES_WITHIN_MS).then(
      (news) => (news === null ? killed : true),
      () => killed,
    );
    const wasThere = await Promise.race([killed, died]);
    // Once it is dead, a complaint of the engine about what comes after changes nothing of that.
    killed.catch(() => {});
    return wasThere;
  } finally {
    watch.close();
  }
}

/** 404 and 409: it is gone, or was faster than we were. */
async function refusedIfGone(node: NodeSpec, what: string, call: () => Promise<unknown>): Promise<boolean> {
  try {
    await call();
    return true;
  } catch (error) {
    const status = statusOf(error);
    if (status === 404) return false;
    const { state } = containerState(await lookAtContainer(node));
    if (state === 'gone') return false;
    if ((what === 'pause' && state === 'frozen') || (what === 'unpause' && state === 'running')) return true;
    const name = containerNameOf(node);
    throw engineRefused(bi(`${what} of container ${name}`, `对容器 ${name} 执行 ${what}`), error);
  }
}
