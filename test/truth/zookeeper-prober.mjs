/**
 * The outside prober for ZooKeeper, by node-zookeeper-client: a session of its own to each node; writes to them in turn
 * every 16 ms, each with a limit, until SIGTERM; then prints what test/drills/prober.mjs prints. argv: node URLs.
 */
import zookeeper from 'node-zookeeper-client';

const EVERY_MS = 16;
const LIMIT_MS = 1_000;
const PATH = '/prober';
const now = () => Number(process.hrtime.bigint() / 1000n) / 1000;
const answers = [];
let n = 0;

const connected = (url) =>
  new Promise((resolve) => {
    const client = zookeeper.createClient(new URL(url).host, { sessionTimeout: 30_000, spinDelay: 20, retries: 0 });
    client.once('connected', () => resolve(client));
    client.connect();
  });
const clients = await Promise.all(process.argv.slice(2).map(connected));
await new Promise((resolve, reject) => {
  clients[0].mkdirp(PATH, (error) => (error ? reject(error) : resolve()));
});

/** The package never gives up on an answer by itself. */
function write() {
  const at = n++ % clients.length;
  const sent = now();
  // It would keep the request for when it is connected again.
  if (clients[at].getState().name !== 'SYNC_CONNECTED') {
    answers.push([sent, now(), false, at]);
    return;
  }
  let open = true;
  const ended = (ok) => {
    if (open) answers.push([sent, now(), ok, at]);
    open = false;
  };
  setTimeout(() => ended(false), LIMIT_MS);
  clients[at].setData(PATH, Buffer.from(String(n)), (error) => ended(!error));
}

const timer = setInterval(write, EVERY_MS);
process.on('SIGTERM', () => {
  clearInterval(timer);
  setTimeout(() => process.stdout.write(JSON.stringify(answers), () => process.exit(0)), 2 * LIMIT_MS);
});
process.stderr.write('probing\n');
