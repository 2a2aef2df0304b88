/** The flooding itself: it goes on beside the drill, and whoever has the state folder can tell that it runs and end it. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pollUntil } from '../core/clock.js';
import { writeDurably } from '../core/durable-file.js';
import type { World } from '../core/fault.js';
import { isAlive, ownProcess } from '../core/process-table.js';
import { exists } from './kept.js';

export interface Flood {
  readonly service: string;
  readonly rate: number;
  readonly count: number;
}

const TICK_MS = 50;
const CALL_LIMIT_MS = 2_000;
const VALUE = JSON.stringify({ ip: '192.0.2.1', port: 1, status: 'UP', metadata: { flood: true } });

const instanceName = (n: number): string => `192.0.2.1:${String(n).padStart(6, '0')}`;

const runningPath = (world: World, { service }: Flood): string => join(world.stateDir, `${service}.running`);
const stopPath = (world: World, { service }: Flood): string => join(world.stateDir, `${service}.stop`);

/** Starts the clients unless they were started before; they end by themselves after `count` registrations. */
export async function startFlood(world: World, flood: Flood): Promise<void> {
  if ((await exists(runningPath(world, flood))) || (await exists(stopPath(world, flood)))) return;
  await writeDurably(runningPath(world, flood), JSON.stringify(ownProcess()));
  void pour(world, flood).finally(() => rm(runningPath(world, flood), { force: true }));
}

/** Open loop: what is slow to be answered does not slow down what comes after it. */
async function pour(world: World, flood: Flood): Promise<void> {
  const { registry } = world.cluster;
  const startedMs = world.clock.monotonicMs();
  const underway = new Set<Promise<unknown>>();
  let sent = 0;
  while (sent < flood.count && !(await exists(stopPath(world, flood)))) {
    const elapsedMs = world.clock.monotonicMs() - startedMs;
    const due = Math.min(flood.count, Math.ceil((elapsedMs * flood.rate) / 1_000));
    for (; sent < due; sent += 1) {
      const node = registry.nodes[sent % registry.nodes.length] ?? '';
      const entry = { service: flood.service, instance: instanceName(sent), value: VALUE };
      const call = registry.client(node).register(entry, { limitMs: CALL_LIMIT_MS });
      underway.add(call);
      void call.finally(() => underway.delete(call));
    }
    await world.clock.sleep(TICK_MS);
  }
  await Promise.all(underway);
}

/** True once no client floods any more, in whatever process it was. */
export async function stopFlood(world: World, flood: Flood): Promise<boolean> {
  await writeDurably(stopPath(world, flood), '');
  const { reached } = await pollUntil(
    () => isPouring(world, flood),
    (pouring) => !pouring,
    { clock: world.clock, withinMs: CALL_LIMIT_MS + 3_000, everyMs: 20 },
  );
  return reached;
}

async function isPouring(world: World, flood: Flood): Promise<boolean> {
  const path = runningPath(world, flood);
  if (!(await exists(path))) return false;
  const text = await readFile(path, 'utf8').catch(() => '');
  // Between our look and our reading it was removed: it has ended.
  if (text === '') return false;
  const owner: { readonly pid: number; readonly startTicks: number } = JSON.parse(text);
  return isAlive(owner.pid, owner.startTicks);
}
