/** What each node itself holds of the canaries, read with the tools of the registry's own people. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { plainTree } from '../support/plain-zookeeper.js';
import { post } from './plain-node.js';
import type { Holding } from './second-opinion.js';

const CANARIES = /^\/services\/(firedrill-canary-[^/]+)\/([^/]+)$/;
const run = promisify(execFile);

/** By `etcdctl`, without asking the leader. */
export async function etcdCopy(url: string): Promise<Holding> {
  const args = ['get', '/services/', '--prefix', '--consistency=s', '--write-out=json', `--endpoints=${url}`];
  const { stdout } = await run('etcdctl', args, { env: { ...process.env, ETCDCTL_API: '3' }, maxBuffer: 2 ** 26 });
  const { kvs = [] }: { kvs?: readonly { readonly key: string; readonly value: string }[] } = JSON.parse(stdout);
  const plain = (base64: string): string => Buffer.from(base64, 'base64').toString();
  return canaries(kvs.map(({ key, value }) => ({ path: plain(key), data: plain(value) })));
}

/** By plain HTTP: `/dump` is the node's own copy. */
export async function antietcdCopy(url: string): Promise<Holding> {
  const found: { readonly path: string; readonly data: string }[] = [];
  const walk = ({ value, children = {} }: Branch, path: string): void => {
    if (typeof value === 'string') found.push({ path, data: value });
    for (const [part, child] of Object.entries(children)) walk(child, part === '' ? path : `${path}/${part}`);
  };
  const dump: { readonly state: Branch } = await post(`${url}/dump`, {});
  walk(dump.state, '');
  return canaries(found);
}

interface Branch {
  readonly value?: string;
  readonly children?: Readonly<Record<string, Branch>>;
}

/** By node-zookeeper-client, without `sync`. */
export const zookeeperCopy = async (url: string): Promise<Holding> => canaries(await plainTree(url, ['/services']));

/** Probes write to the scratch service; nobody keeps a ledger of it. */
function canaries(nodes: readonly { readonly path: string; readonly data: string }[]): Holding {
  const held = new Map<string, number | null>();
  for (const { path, data } of nodes) {
    const [, service = '', instance = ''] = CANARIES.exec(path) ?? [];
    if (service === '' || service.endsWith('-scratch')) continue;
    held.set(`${service}/${instance}`, versionIn(data));
  }
  return held;
}

function versionIn(data: string): number | null {
  try {
    const version: unknown = JSON.parse(data).metadata?.canary;
    return typeof version === 'number' ? version : null;
  } catch {
    // Not a registration.
    return null;
  }
}
