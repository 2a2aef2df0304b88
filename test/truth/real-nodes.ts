/** Starts real registry nodes for the truth tests, and reads a node's own state by plain HTTP. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canaryVersion } from '../../src/core/canary.js';
import { pollUntil, systemClock } from '../../src/core/clock.js';
import { decode, encode } from './read-lies.js';

export type Product = 'antietcd' | 'etcd';

export interface RealNodes {
  readonly product: Product;
  readonly nodes: readonly { readonly name: string; readonly url: string }[];
  readonly stop: () => Promise<void>;
}

export async function startRealNodes(product: Product, count: number): Promise<RealNodes> {
  const dir = mkdtempSync(join(tmpdir(), 'firedrill-truth-'));
  const ports = await Promise.all(Array.from({ length: count * 2 }, freePort));
  const nodes = Array.from({ length: count }, (_, i) => ({
    name: `n${i + 1}`,
    url: `http://127.0.0.1:${ports[i]}`,
    peer: `http://127.0.0.1:${ports[count + i]}`,
    data: join(dir, `n${i + 1}`),
  }));
  const children = nodes.map((node) => {
    const argv = product === 'antietcd' ? antietcdArgv(node, nodes) : etcdArgv(node, nodes);
    const [program = '', ...args] = argv;
    return spawn(program, args, { stdio: 'ignore' });
  });
  const stop = async (): Promise<void> => {
    await Promise.all(children.map(kill));
    rmSync(dir, { recursive: true, force: true });
  };
  const ready = await pollUntil(
    () => Promise.all(nodes.map(({ url }) => takesWrites(url))),
    (all) => all.every(Boolean),
    { clock: systemClock, withinMs: 30_000, everyMs: 50 },
  );
  if (!ready.reached) {
    await stop();
    throw new Error(`${count} ${product} nodes took no writes within 30 s`);
  }
  return { product, nodes, stop };
}

interface Node {
  readonly name: string;
  readonly url: string;
  readonly peer: string;
  readonly data: string;
}

function antietcdArgv(node: Node, all: readonly Node[]): readonly string[] {
  const { port } = new URL(node.url);
  const app = join(import.meta.dirname, '../../node_modules/antietcd/antietcd-app.js');
  const own = ['--ip', '127.0.0.1', '--port', port, '--data', `${node.data}.gz`, '--persist_interval', '50'];
  const cluster = all.map(({ name, url }) => `${name}=${url}`).join(',');
  const timing = ['--election_timeout', '1000', '--heartbeat_timeout', '200', '--leadership_timeout', '800'];
  const raft = ['--node_id', node.name, '--cluster_key', 'k', '--cluster', cluster, '--reconnect_interval', '200'];
  return [process.execPath, app, ...own, ...(all.length > 1 ? [...raft, ...timing] : []), '--stale_read', '0'];
}

const etcdArgv = (node: Node, all: readonly Node[]): readonly string[] => [
  'etcd',
  `--name=${node.name}`,
  `--data-dir=${node.data}`,
  `--listen-client-urls=${node.url}`,
  `--advertise-client-urls=${node.url}`,
  `--listen-peer-urls=${node.peer}`,
  `--initial-advertise-peer-urls=${node.peer}`,
  `--initial-cluster=${all.map(({ name, peer }) => `${name}=${peer}`).join(',')}`,
  '--log-level=error',
];

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a port was asked for');
  return address.port;
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

const post = (url: string, body: object): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(2_000),
  });

async function takesWrites(url: string): Promise<boolean> {
  try {
    return (await post(`${url}/v3/kv/put`, { key: encode('/ready/x'), value: encode(String(Math.random())) })).ok;
  } catch {
    return false;
  }
}

interface Branch {
  readonly value?: string;
  readonly children?: Readonly<Record<string, Branch>>;
}

/** Key → canary version of everything below /services/ in this node's own copy. */
export async function plainState(product: Product, url: string): Promise<ReadonlyMap<string, number | null>> {
  const found = new Map<string, number | null>();
  if (product === 'etcd') {
    const range = { key: encode('/services/'), range_end: encode('/services0'), serializable: true };
    const answer = (await (await post(`${url}/v3/kv/range`, range)).json()) as { kvs?: { key: string; value: string }[] };
    for (const { key, value } of answer.kvs ?? []) found.set(decode(key), canaryVersion(decode(value)));
    return found;
  }
  const walk = (branch: Branch, path: string): void => {
    if (typeof branch.value === 'string' && path.startsWith('/services/')) found.set(path, canaryVersion(branch.value));
    for (const [part, child] of Object.entries(branch.children ?? {})) walk(child, path === '' && part === '' ? '' : `${path}/${part}`);
  };
  const dump = (await (await post(`${url}/dump`, {})).json()) as { state: Branch };
  walk(dump.state, '');
  return found;
}
