import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pollUntil, systemClock } from '../../dist/core/clock.js';
import { faults } from '../../dist/faults/index.js';
import { createLabs } from '../../dist/lab/index.js';
import { registries } from '../../dist/registries/index.js';
import { drivers } from '../../dist/targets/index.js';
import { engineOrWhy, notMeasured } from './engine.mjs';
import { median } from './measure.mjs';

const RUNS = 10;
const row = { work: `partition of 1 of 3 nodes until confirmed (etcd-3 in containers, median of ${RUNS})`, must: '≤ 500 ms' };

/** From the request until the proof, as the run does it: `inject`, then `confirm` until it says so. */
export async function partition() {
  const { images, why } = await engineOrWhy();
  if (why !== undefined) return [notMeasured(row.work, row.must, why)];
  const dir = mkdtempSync(join(tmpdir(), 'firedrill-bench-'));
  process.env.FIREDRILL_IMAGE_NET = images.net;
  const env = { ...process.env, FIREDRILL_IMAGE_ETCD: images.etcd };
  const lab = createLabs({ basePort: 27_100, env, connect: async (binding) => registries.find('etcd').connect(binding) }).find('etcd-3');
  try {
    const { nodes } = await lab.up(dir, undefined, 'docker');
    const all = [];
    for (let run = 0; run < RUNS; run++) all.push(await onceMs(clusterOf(nodes), join(dir, `run${run}`)));
    const total = median(all.map(({ totalMs }) => totalMs));
    const inject = median(all.map(({ injectMs }) => injectMs));
    const worst = Math.max(...all.map(({ totalMs }) => totalMs));
    return [{ ...row, measured: `${total.toFixed(0)} ms (rules in place after ${inject.toFixed(0)} ms; slowest ${worst.toFixed(0)} ms)`, ok: total <= 500 }];
  } finally {
    await lab.down(dir);
    rmSync(dir, { recursive: true, force: true });
  }
}

function clusterOf(nodes) {
  const binding = { registry: 'etcd', product: 'etcd', version: '3.4.23', lab: 'etcd-3', driver: 'docker', prefix: '/services/', clusterId: null, nodes };
  return { binding, driver: drivers.find('docker'), registry: registries.find('etcd').connect(binding) };
}

async function onceMs(cluster, stateDir) {
  const fault = faults.find('network.partition');
  const world = { cluster, clock: systemClock, stateDir };
  const [node] = cluster.binding.nodes;
  const data = await fault.prepare(world, { nodes: [node], params: { shape: 'minority' }, step: 'cut' });
  try {
    const from = performance.now();
    await fault.inject(world, data);
    const injectMs = performance.now() - from;
    const { value } = await pollUntil(
      () => fault.confirm(world, data),
      ({ bitten }) => bitten === true,
      { clock: systemClock, withinMs: 10_000, everyMs: 3 },
    );
    if (value.bitten !== true) throw new Error(`the partition was not proven: ${value.detail.en}`);
    return { injectMs, totalMs: performance.now() - from };
  } finally {
    const undone = await fault.revert(world, data);
    cluster.registry.close();
    if (!undone.reverted) throw new Error(undone.detail.en);
  }
}
