/**
 * The outside prober: writes to every node of a cluster every millisecond, each request on its own, and prints when each
 * one was sent and ended (CLOCK_MONOTONIC, ms), whether it was acknowledged, and which node it went to. Stops by itself. argv: seconds, node URLs.
 */
import { Agent, request } from 'node:http';

const [seconds, ...urls] = process.argv.slice(2);
const now = () => Number(process.hrtime.bigint() / 1000n) / 1000;
const agents = urls.map(() => new Agent({ keepAlive: true, maxSockets: 256 }));
const answers = [];
let n = 0;
let inFlight = 0;

function probe(at) {
  if (inFlight > 400) return;
  const sent = now();
  const body = JSON.stringify({ key: Buffer.from('/prober/x').toString('base64'), value: Buffer.from(String(n++)).toString('base64') });
  inFlight++;
  const req = request(`${urls[at]}/v3/kv/put`, { method: 'POST', agent: agents[at], timeout: 400, headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } }, (res) => {
    res.resume();
    res.on('end', () => {
      inFlight--;
      answers.push([sent, now(), res.statusCode === 200 ? 1 : 0, at]);
    });
  });
  const failed = () => {
    inFlight--;
    answers.push([sent, now(), 0, at]);
  };
  req.on('timeout', () => req.destroy(new Error('timeout')));
  req.on('error', failed);
  req.end(body);
}

const started = now();
const timer = setInterval(() => {
  if (now() - started > Number(seconds) * 1000) {
    clearInterval(timer);
    setTimeout(() => {
      process.stdout.write(JSON.stringify(answers), () => process.exit(0));
    }, 1000);
    return;
  }
  probe(n % urls.length);
}, 1);
