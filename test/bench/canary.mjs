import { Worker } from 'node:worker_threads';
import { systemClock } from '../../dist/core/clock.js';
import { registries } from '../../dist/registries/index.js';
import { createTraffic } from '../../dist/traffic/index.js';
import { percentile } from './measure.mjs';

const SECONDS = 30;

/** A stub that answers every request at once, in a thread of its own so that its work is not counted as ours. */
const STUB = `
const { createServer } = require('node:http');
const { parentPort } = require('node:worker_threads');
const store = new Map();
let revision = 1;
const answers = {
  '/v3/kv/put': (body) => { store.set(body.key, { key: body.key, value: body.value, mod_revision: String(++revision) }); return { header: { revision: String(revision) } }; },
  '/v3/kv/deleterange': (body) => ({ deleted: store.delete(body.key) ? '1' : '0' }),
  '/v3/kv/range': (body) => {
    const from = Buffer.from(body.key, 'base64').toString();
    const to = body.range_end ? Buffer.from(body.range_end, 'base64').toString() : null;
    const kvs = [...store.values()].filter(({ key }) => { const k = Buffer.from(key, 'base64').toString(); return to === null ? k === from : k >= from && k < to; });
    return { header: { revision: String(revision) }, kvs, count: String(kvs.length) };
  },
  '/v3/lease/grant': () => ({ ID: String(++revision), TTL: '60' }),
  '/v3/lease/keepalive': (body) => ({ result: { ID: body.ID, TTL: '60' } }),
  '/v3/maintenance/status': () => ({ header: { member_id: '1', revision: String(revision), raft_term: '1' }, leader: '1', version: '3.4.23' }),
};
const server = createServer((req, res) => {
  let text = '';
  req.on('data', (part) => { text += part; });
  req.on('end', () => { res.setHeader('content-type', 'application/json'); res.end(JSON.stringify((answers[req.url] ?? (() => ({})))(text === '' ? {} : JSON.parse(text)))); });
});
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

/** 1,000 operations a second for 30 s: how late the schedule runs, and what it costs this thread. */
export async function canary() {
  const worker = new Worker(STUB, { eval: true });
  try {
    const port = await new Promise((resolve) => worker.once('message', resolve));
    const node = { name: 'stub', url: `http://127.0.0.1:${port}`, find: { by: 'argument', text: 'stub' }, start: [] };
    const binding = { registry: 'etcd', product: 'etcd', version: '3.4.23', lab: null, driver: 'process', prefix: '/services/', clusterId: null, nodes: [node] };
    const registry = registries.find('etcd').connect(binding);
    const attempts = [];
    let seq = 0;
    const spec = { services: 20, instances: 20, writesPerSecond: 100, readsPerSecond: 896, requestLimitMs: 500, leaseMs: 15_000, client: 'failover', maxEntries: 200, settleMs: 100 };
    const traffic = createTraffic({
      cluster: { binding, registry, driver: null },
      spec,
      runId: '20260101T000000Z-bench-0000',
      clock: systemClock,
      append: (body) => {
        if (body.type === 'attempt') attempts.push(body);
        return { ...body, seq: ++seq, at: '', ms: 0, prev: '', hash: '' };
      },
      toRunMs: (ms) => ms,
    });
    await traffic.start();
    attempts.length = 0;
    const cpu = performance.eventLoopUtilization();
    await systemClock.sleep(SECONDS * 1000);
    const used = performance.eventLoopUtilization(cpu).utilization;
    const lags = attempts.map((attempt) => attempt.issuedMs - attempt.dueMs);
    await traffic.stop();
    registry.close();
    const p99 = percentile(lags, 0.99);
    const rate = attempts.length / SECONDS;
    return [
      { work: `canary at ${Math.round(rate)} operations/s for ${SECONDS} s: schedule lag p99`, must: '< 5 ms', measured: `${p99.toFixed(2)} ms (${attempts.length} attempts, ${attempts.filter((a) => a.outcome !== 'ok').length} not ok)`, ok: p99 < 5 && rate > 990 },
      { work: 'the same: busy share of one core (event loop)', must: '< 30 %', measured: `${(used * 100).toFixed(1)} %`, ok: used < 0.3 },
    ];
  } finally {
    await worker.terminate();
  }
}
