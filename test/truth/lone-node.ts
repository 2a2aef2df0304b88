/** One real antietcd without peers: it has no elections, so whatever outage is seen was scripted. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { pollUntil, systemClock } from '../../src/core/clock.js';
import type { Cluster } from '../../src/core/target.js';
import { registries } from '../../src/registries/index.js';
import { drivers } from '../../src/targets/index.js';

export interface LoneNode {
  /** The same node under several names, so that clients have something to fail over to. */
  readonly cluster: Cluster;
  readonly stop: () => Promise<void>;
}

export async function startLoneNode(names: readonly string[]): Promise<LoneNode> {
  const port = await freePort();
  const app = join(import.meta.dirname, '../../node_modules/antietcd/antietcd-app.js');
  const child = spawn(process.execPath, [app, '--ip', '127.0.0.1', '--port', String(port)], { stdio: 'ignore' });
  const gone = once(child, 'exit');
  const find = { by: 'argument', text: String(port) } as const;
  const nodes = names.map((name) => ({ name, url: `http://127.0.0.1:${port}`, find, start: [] }));
  const driver = drivers.find('process');
  const etcd = registries.find('etcd');
  if (driver === undefined || etcd === undefined) throw new Error('the catalogs lack process or etcd');
  const prefix = '/services/';
  const registry = etcd.connect({ nodes, prefix, product: 'antietcd' });
  const stop = async (): Promise<void> => {
    registry.close();
    child.kill('SIGKILL');
    await gone;
  };
  const { value, reached } = await pollUntil(
    () => registry.client(names[0] ?? '').status({ limitMs: 1_000 }),
    ({ outcome }) => outcome === 'ok',
    { clock: systemClock, withinMs: 20_000, everyMs: 50 },
  );
  if (!reached) {
    await stop();
    throw new Error(`antietcd did not start: ${value.outcome === 'ok' ? '' : value.reason}`);
  }
  const product = { product: 'antietcd', version: '1', lab: null, clusterId: null };
  return {
    cluster: { binding: { registry: 'etcd', driver: 'process', prefix, nodes, ...product }, driver, registry },
    stop,
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a port was asked for');
  return address.port;
}
