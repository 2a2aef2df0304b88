/**
 * The outside prober: writes to the nodes of a cluster in turn every millisecond, each request on its own, until its
 * standard input ends; then prints when each one was sent and ended (CLOCK_MONOTONIC, ms), whether it was acknowledged (1,
 * 0), and which node it went to. argv: node URLs.
 */
import { Agent, request } from 'node:http';

const LAST_ANSWERS_MS = 1_000;
const MOST_IN_FLIGHT = 400;
const MOST_SECONDS = 120;

const urls = process.argv.slice(2);
const now = () => Number(process.hrtime.bigint() / 1000n) / 1000;
const agents = urls.map(() => new Agent({ keepAlive: true, maxSockets: 256 }));
const answers = [];
let n = 0;
let inFlight = 0;

function probe(node) {
  if (inFlight > MOST_IN_FLIGHT) return;
  const sentMs = now();
  const body = JSON.stringify({ key: Buffer.from('/prober/x').toString('base64'), value: Buffer.from(String(n++)).toString('base64') });
  inFlight++;
  const ended = (ok) => {
    inFlight--;
    answers.push({ sentMs, endedMs: now(), ok, node });
  };
  const req = request(`${urls[node]}/v3/kv/put`, { method: 'POST', agent: agents[node], timeout: 400, headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } }, (res) => {
    res.resume();
    res.on('end', () => ended(res.statusCode === 200 ? 1 : 0));
  });
  req.on('timeout', () => req.destroy(new Error('timeout')));
  req.on('error', () => ended(0));
  req.end(body);
}

const timer = setInterval(() => probe(n % urls.length), 1);
const end = () => {
  clearInterval(timer);
  setTimeout(() => process.stdout.write(JSON.stringify(answers), () => process.exit(0)), LAST_ANSWERS_MS);
};
process.stdin.once('end', end).resume();
setTimeout(end, MOST_SECONDS * 1_000).unref();
