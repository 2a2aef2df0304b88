/** Ending a node the way its operator does: asked first, forced only after a time of grace. */
import { endsWithin } from '../core/abilities.js';
import type { NodeSpec, Scalar } from '../core/drill.js';
import { WorldError } from '../core/errors.js';
import type { UndoData, World } from '../core/fault.js';
import { bi } from '../core/text.js';
import { unreadable } from './node-record.js';
import { type NumberSpec, numberOf, numberParam } from './param.js';

const FORCED_WITHIN_MS = 5_000;

const GRACE: NumberSpec = {
  name: 'graceMs',
  least: 0,
  most: 60_000,
  // As `docker stop` gives.
  usual: 10_000,
  en: 'milliseconds that the node may take to end after SIGTERM before it is killed',
  zh: '发送 SIGTERM 后等待节点自行退出的毫秒数，超时则强制杀死',
};

export const graceParam = numberParam(GRACE);
export const graceOf = (params: Readonly<Record<string, Scalar>>): number => numberOf(params, GRACE);

export function recordedGrace({ graceMs }: UndoData): number {
  if (typeof graceMs !== 'number') throw unreadable('graceMs');
  return graceMs;
}

/** Returns once the process is gone; a node that is gone already is left alone. */
export async function endNode(world: World, node: NodeSpec, graceMs: number): Promise<void> {
  const { clock } = world;
  const { driver } = world.cluster;
  const before = await driver.inspect(node);
  if (before.state === 'gone') return;
  if (driver.stop !== undefined) {
    await driver.stop(node, graceMs);
  } else {
    await driver.signal(node, 'SIGTERM');
    if (await endsWithin(driver, node, { start: before, withinMs: graceMs, clock })) return;
    await driver.signal(node, 'SIGKILL');
  }
  if (await endsWithin(driver, node, { start: before, withinMs: FORCED_WITHIN_MS, clock })) return;
  throw new WorldError({
    code: 'node-not-stopped',
    message: bi(
      `node ${node.name} still runs ${FORCED_WITHIN_MS} ms after it was killed`,
      `节点 ${node.name} 被杀死 ${FORCED_WITHIN_MS} 毫秒后仍在运行`,
    ),
    hint: bi('something starts it again at once: stop that first', '有程序会立即将其拉起：请先停止该程序'),
  });
}
