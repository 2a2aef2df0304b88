import { pollUntil } from '../../core/clock.js';
import type { NodeRecovery, NodeSpec } from '../../core/drill.js';
import { invariant, WorldError } from '../../core/errors.js';
import { bi } from '../../core/text.js';
import { clusterOf, type Run } from '../context.js';

const STOPS_WITHIN_MS = 5_000;
const LEADS_WITHIN_MS = 30_000;
const STATUS_LIMIT_MS = 500;
const LIST_LIMIT_MS = 10_000;
const LOOK_EVERY_MS = 20;

export async function operateNode(
  run: Run,
  what: {
    readonly step: string;
    readonly action: NodeRecovery;
    readonly node: NodeSpec;
    readonly signal: AbortSignal;
  },
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
    case 'node.force-new-cluster':
      await goOnAlone(run, what);
      return;
    case 'node.restart':
      await stopNode(run, what.node, what.signal);
      what.signal.throwIfAborted();
      await driver.start(what.node);
      return;
  }
}

/**
 * Started once with what makes it the only member, then as ever: with that still on, its next start would throw the
 * others out again.
 */
async function goOnAlone(
  run: Run,
  { step, node, signal }: { readonly step: string; readonly node: NodeSpec; readonly signal: AbortSignal },
): Promise<void> {
  const { driver, registry } = clusterOf(run);
  const { clock } = run.services;
  const alone = registry.membership?.alone(node) ?? null;
  invariant(alone !== null, `the plan refuses to let ${node.name} go on alone`);
  const beforeMs = clock.monotonicMs();
  await stopNode(run, node, signal);
  signal.throwIfAborted();
  await driver.start(alone);
  const client = registry.client(node.name);
  const { value, reached, waitedMs } = await pollUntil(
    () => client.status({ limitMs: STATUS_LIMIT_MS, signal }),
    (answer) => answer.outcome === 'ok' && answer.value.leader === node.name,
    { clock, withinMs: LEADS_WITHIN_MS, everyMs: LOOK_EVERY_MS, signal },
  );
  if (!reached) throw notAlone(node, value.outcome === 'ok' ? 'it does not lead' : value.reason, waitedMs);
  const held = await client.listOwn({ limitMs: LIST_LIMIT_MS, signal });
  if (held.outcome !== 'ok') throw notAlone(node, held.reason, waitedMs);
  run.progress.traffic?.acceptLoss(held.value, { step, node: node.name, beforeMs });
  await stopNode(run, node, signal);
  await driver.start(node);
}

const notAlone = (node: NodeSpec, why: string, waitedMs: number): WorldError =>
  new WorldError({
    code: 'node-not-alone',
    message: bi(
      `${node.name} was started as the only member, but does not serve after ${Math.round(waitedMs)} ms: ${why}`,
      `${node.name} 已作为唯一成员启动，但 ${Math.round(waitedMs)} 毫秒后仍不能服务：${why}`,
    ),
    hint: bi('See its log; the data it had is as it was.', '请查看其日志；其原有数据未变。'),
  });

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
