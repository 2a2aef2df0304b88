import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../dist/core/clock.js';
import { openJournal } from '../../dist/journal/index.js';
import { registries } from '../../dist/registries/index.js';
import { createTraffic } from '../../dist/traffic/index.js';
import { percentile, root } from './measure.mjs';

const SECONDS = 30;
const BARE_SECONDS = 10;
const RATE = 1_000;

/** 1,000 operations a second for 30 s, each in the journal: how late the schedule runs, and what it costs. */
export async function canary() {
  const stub = spawn(process.execPath, [`${root}test/bench/stub.mjs`], { stdio: ['ignore', 'pipe', 'inherit'] });
  const dir = mkdtempSync(join(tmpdir(), 'firedrill-bench-'));
  try {
    const port = await new Promise((resolve) => stub.stdout.once('data', (told) => resolve(Number(told))));
    const { lags, notOk, share } = await ours(`http://127.0.0.1:${port}`, join(dir, 'journal.jsonl'));
    const bare = await bareShare(port);
    const p99 = percentile(lags, 0.99);
    const rate = lags.length / SECONDS;
    return [
      { work: `canary at ${Math.round(rate)} operations/s for ${SECONDS} s: schedule lag p99`, must: '< 5 ms', measured: `${p99.toFixed(2)} ms (${lags.length} attempts, ${notOk} not ok)`, ok: p99 < 5 && rate > 0.99 * RATE },
      { work: 'the same: CPU time of the whole process, share of one core', must: '< 30 %', measured: `${(share * 100).toFixed(1)} % (requests of node:http alone ${(bare * 100).toFixed(1)} %: ${(share / bare).toFixed(2)} ×)`, ok: share < 0.3 },
    ];
  } finally {
    stub.kill();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function ours(url, path) {
  const node = { name: 'stub', url, find: { by: 'argument', text: 'stub' }, start: [] };
  const binding = { registry: 'etcd', product: 'etcd', version: '3.4.23', lab: null, driver: 'process', prefix: '/services/', clusterId: null, nodes: [node] };
  const registry = registries.find('etcd').connect(binding);
  const lags = [];
  let notOk = 0;
  const onEvent = (event) => {
    if (event.type !== 'attempt') return;
    lags.push(event.issuedMs - event.dueMs);
    if (event.outcome !== 'ok') notOk += 1;
  };
  const journal = openJournal({ path, clock: systemClock, onEvent });
  journal.append({ type: 'run.opened', clockOriginMs: systemClock.monotonicMs() });
  const spec = { services: 20, instances: 20, writesPerSecond: 100, readsPerSecond: 896, requestLimitMs: 500, leaseMs: 15_000, client: 'failover', maxEntries: 200, settleMs: 100 };
  const traffic = createTraffic({ cluster: { binding, registry, driver: null }, spec, runId: '20260101T000000Z-bench-0000', clock: systemClock, append: journal.append, toRunMs: journal.toRunMs });
  await traffic.start();
  lags.length = 0;
  const share = await cpuShare(SECONDS);
  const measured = [...lags];
  await traffic.stop();
  registry.close();
  await journal.close();
  return { lags: measured, notOk, share };
}

/** The floor: the same number of requests and nothing else. */
async function bareShare(port) {
  const agent = new Agent({ keepAlive: true });
  const body = JSON.stringify({ key: Buffer.from('/services/none/').toString('base64'), range_end: Buffer.from('/services/none0').toString('base64') });
  const options = { port, host: '127.0.0.1', path: '/v3/kv/range', method: 'POST', agent, headers: { 'content-type': 'application/json', 'content-length': body.length } };
  const from = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    for (; sent < ((performance.now() - from) * RATE) / 1000; sent++) request(options, (res) => res.resume())
        .on('error', () => {})
        .end(body);
  }, 1);
  await sleep(1_000);
  const share = await cpuShare(BARE_SECONDS);
  clearInterval(timer);
  agent.destroy();
  return share;
}

/** CPU time, not wall time: other work on the machine does not count. */
async function cpuShare(forSeconds) {
  const [from, used] = [performance.now(), process.cpuUsage()];
  await sleep(forSeconds * 1000);
  const { user, system } = process.cpuUsage(used);
  return (user + system) / 1000 / (performance.now() - from);
}
