import { systemClock } from '../../dist/core/clock.js';
import { faults } from '../../dist/faults/index.js';
import { drivers } from '../../dist/targets/index.js';
import { engineOrWhy, notMeasured, startSleepers } from './engine.mjs';
import { median } from './measure.mjs';

const RUNS = 20;
const row = { work: `kill of a container until it took effect (median of ${RUNS})`, must: '≤ 1.2 × dockerode kill until the die event' };

/** The whole way of a fault, `inject` and `confirm`, in turns with a bare kill that waits for the engine's news. */
export async function kill() {
  const { docker, images, why } = await engineOrWhy();
  if (why !== undefined) return [notMeasured(row.work, row.must, why)];
  const { containers, remove } = await startSleepers(docker, { image: images.net, name: 'fd-bench-kill-', count: 1 });
  const [container] = containers;
  try {
    const ours = [];
    const raw = [];
    for (let run = 0; run < RUNS; run++) {
      raw.push(await rawKillMs(docker, container));
      await container.start();
      ours.push(await faultKillMs());
      await container.start();
    }
    const [fault, bare] = [median(ours), median(raw)];
    return [{ ...row, measured: `${fault.toFixed(1)} ms against ${bare.toFixed(1)} ms = ${(fault / bare).toFixed(2)} ×`, ok: fault <= 1.2 * bare }];
  } finally {
    await remove();
  }
}

async function rawKillMs(docker, container) {
  const events = await docker.getEvents({ filters: { container: [container.id], event: ['die'] } });
  const died = new Promise((resolve) => events.once('data', () => resolve(performance.now())));
  const from = performance.now();
  const killed = container.kill({ signal: 'SIGKILL' });
  const ms = (await died) - from;
  events.destroy();
  await killed;
  return ms;
}

async function faultKillMs() {
  const node = { name: 'n1', url: 'http://127.0.0.1:1', find: { by: 'container', container: 'fd-bench-kill-1' }, start: [] };
  const fault = faults.find('node.kill');
  const world = { cluster: { binding: { nodes: [node] }, driver: drivers.find('docker') }, clock: systemClock, stateDir: '' };
  const data = await fault.prepare(world, { nodes: [node], params: {}, step: 'kill' });
  const from = performance.now();
  await fault.inject(world, data);
  const { bitten, observedMs } = await fault.confirm(world, data);
  const ms = performance.now() - from;
  if (bitten !== true) throw new Error(`the kill did not bite at the first look (${observedMs})`);
  return ms;
}
