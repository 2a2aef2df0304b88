import { pollUntil } from '../../core/clock.js';
import type { NodeSpec, RecoverAction } from '../../core/drill.js';
import { WorldError } from '../../core/errors.js';
import { bi } from '../../core/text.js';
import { clusterOf, type Run } from '../context.js';

const STOPS_WITHIN_MS = 5_000;
const LOOK_EVERY_MS = 20;

export async function operateNode(
  run: Run,
  what: { readonly action: RecoverAction; readonly node: NodeSpec; readonly signal: AbortSignal },
): Promise<void> {
  const { driver } = clusterOf(run);
  switch (what.action) {
    case 'node.start':
      await driver.start(what.node);
      return;
    case 'node.resume':
      if (await driver.signal(what.node, 'SIGCONT')) return;
      throw new WorldError({
        code: 'node-gone',
        message: bi(`${what.node.name} is gone and cannot be resumed.`, `${what.node.name} 已不存在，无法恢复运行。`),
      });
    case 'node.restart':
      await stopNode(run, what.node, what.signal);
      what.signal.throwIfAborted();
      await driver.start(what.node);
      return;
  }
}

/** Asks politely, then insists: a frozen process takes no SIGTERM. */
async function stopNode(run: Run, node: NodeSpec, signal: AbortSignal): Promise<void> {
  const before = await clusterOf(run).driver.inspect(node);
  if (before.state === 'gone') return;
  for (const kill of ['SIGTERM', 'SIGKILL'] as const) {
    await clusterOf(run).driver.signal(node, kill);
    if (kill === 'SIGTERM') await clusterOf(run).driver.signal(node, 'SIGCONT');
    const { reached } = await pollUntil(
      () => clusterOf(run).driver.inspect(node, before),
      ({ state }) => state === 'gone',
      { clock: run.services.clock, withinMs: STOPS_WITHIN_MS, everyMs: LOOK_EVERY_MS, signal },
    );
    if (reached) return;
  }
  throw new WorldError({
    code: 'node-not-stopped',
    message: bi(`${node.name} still runs after SIGKILL.`, `${node.name} 在 SIGKILL 之后仍在运行。`),
  });
}
