/**
 * The outside prober: writes to the given nodes in turn every 8 ms, each request on its own, until SIGTERM; then prints
 * when each was sent and answered, and whether with success ([sent, ended, ok, node]; CLOCK_MONOTONIC, ms).
 * argv: node URLs.
 */
import { Agent, request } from 'node:http';

const EVERY_MS = 8;
const LIMIT_MS = 400;
const nodes = process.argv.slice(2).map((url) => ({ url, agent: new Agent({ keepAlive: true, maxSockets: 128 }) }));
const now = () => Number(process.hrtime.bigint() / 1000n) / 1000;
const base64 = (text) => Buffer.from(text).toString('base64');
const answers = [];
let n = 0;

function write() {
  const at = n++ % nodes.length;
  const sent = now();
  const body = JSON.stringify({ key: base64('/prober/x'), value: base64(String(n)) });
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const { url, agent } = nodes[at];
  const ended = (ok) => answers.push([sent, now(), ok, at]);
  const put = request(`${url}/v3/kv/put`, { method: 'POST', agent, headers }, (answer) => {
    answer.resume();
    answer.on('end', () => ended(answer.statusCode === 200));
  });
  const limit = setTimeout(() => put.destroy(new Error('limit')), LIMIT_MS);
  put.on('close', () => clearTimeout(limit));
  put.on('error', () => ended(false));
  put.end(body);
}

const timer = setInterval(write, EVERY_MS);
process.on('SIGTERM', () => {
  clearInterval(timer);
  setTimeout(() => process.stdout.write(JSON.stringify(answers), () => process.exit(0)), 2 * LIMIT_MS);
});
process.stderr.write('probing\n');
