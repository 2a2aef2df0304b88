import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../../src/core/clock.js';
import { bi } from '../../src/core/text.js';
import { canaryRun, clusterAt } from './canary-run.js';
import { startLyingRegistry } from './lying-registry.js';
import { plainState, startRealNodes } from './real-nodes.js';

const cleanups: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

test('smoke', async () => {
  const real = await startRealNodes('antietcd', 3);
  cleanups.push(real.stop);
  const proxies = await Promise.all(real.nodes.map(({ url }) => startLyingRegistry({ target: url })));
  cleanups.push(...proxies.map((p) => p.close));
  const cluster = clusterAt('antietcd', real.nodes.map(({ name }, i) => ({ name, url: proxies[i]?.url ?? '' })));
  cleanups.push(() => cluster.registry.close());
  const run = canaryRun(cluster);
  cleanups.push(() => run.traffic.stop());
  await run.traffic.start();
  await systemClock.sleep(2000);
  await run.traffic.pauseWriters(bi('a', 'b'));
  await run.traffic.stopWriters();
  await systemClock.sleep(300);
  await run.traffic.readLedger();
  await run.traffic.stop();
  const by: Record<string, number> = {};
  for (const a of run.attempts()) {
    const k = `${a.op} ${a.node} ${a.outcome} ${a.reason}`;
    by[k] = (by[k] ?? 0) + 1;
  }
  console.log(by, run.traffic.counts());
  console.log(run.journal.events.filter((e) => e.type !== 'attempt').map((e) => JSON.stringify(e).slice(0, 300)));
  console.log((await plainState('antietcd', real.nodes[0]?.url ?? '')).size, run.traffic.expected().must.size, run.traffic.expected().tolerated.size);
  expect(1).toBe(1);
});
