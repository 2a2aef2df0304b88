/** Archives made without a cluster, and what an operator would read of a live one without our adapter. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { archiveParts, type Part } from '../../src/backup/archive-parts.js';
import { sumOfSnapshot } from '../../src/backup/content-hash.js';
import { type BackupTime, backupTime } from '../../src/backup/local-time.js';
import { archiveName } from '../../src/backup/names.js';
import { packArchive } from '../../src/backup/pack.js';
import { snapshotOf } from '../../src/backup/snapshot.js';
import type { Snapshot } from '../../src/core/backup.js';
import type { NodeSpec } from '../../src/core/drill.js';
import type { Entry } from '../../src/core/registry.js';
import { plainTree } from '../support/plain-zookeeper.js';

export const ENTRIES: readonly Entry[] = [
  entry('order-service', 'b', { ip: '10.0.0.2', port: 8081, status: 'UP', metadata: { zone: 'z', '10': 1, a: [1] } }),
  entry('order-service', 'a', { ip: '10.0.0.1', port: 8081, status: 'DOWN', metadata: {} }),
  { service: 'legacy', instance: 'x', value: 'not json “中文”\n', leased: false },
  { ...entry('live', 'l', { ip: '10.0.0.9', port: 1, status: 'UP', metadata: {} }), leased: true },
];

function entry(service: string, instance: string, value: object): Entry {
  return { service, instance, value: JSON.stringify(value), leased: false };
}

const NATIVE: Part = { name: 'antietcd-dump.json.gz', bytes: gzipSync('{"state":{},"mod_revision":7,"term":1}') };

export const someSnapshot = (
  entries = ENTRIES,
  time: BackupTime = backupTime('2025-09-22T18:00:00.321Z', 'Asia/Shanghai'),
): Snapshot =>
  snapshotOf({
    time,
    timeZone: 'Asia/Shanghai',
    registry: { kind: 'etcd', product: 'antietcd', version: '1.3.1', cluster_id: null, revision: 7, node: 'n1' },
    entries,
    settings: [
      { name: 'lease', value: '90s' },
      { name: 'heartbeat', value: '30s' },
    ],
    accessRules: { state: 'not-applicable', reason: 'It has none.', rules: [] },
  });

export const someParts = (snapshot = someSnapshot()): readonly Part[] =>
  archiveParts({
    snapshot,
    native: NATIVE,
    stable: true,
    notStable: [],
    settingsListed: true,
    chain: null,
    state: sumOfSnapshot(snapshot),
  });

/** Writes a sound archive of that moment; returns its path. */
export async function writeArchive(dir: string, wallIso: string, zone = 'Asia/Shanghai', n = 1): Promise<string> {
  const time = backupTime(wallIso, zone);
  const path = join(dir, archiveName(time.stamp, n));
  writeFileSync(path, await packArchive(someParts(someSnapshot(ENTRIES, time)), time.epochSeconds));
  return path;
}

/** All keys and values of one node, sorted: real etcd by etcdctl, antietcd by a plain request. No lease, no revision. */
export async function independentContent(product: string, node: NodeSpec): Promise<readonly string[]> {
  if (product === 'zookeeper') return zookeeperContent(node);
  return product === 'antietcd' ? antietcdContent(node) : etcdContent(node);
}

function etcdContent({ url }: NodeSpec): readonly string[] {
  const args = ['--endpoints', url, 'get', '', '--prefix', '--consistency=s', '-w', 'json'];
  const text = execFileSync('etcdctl', args, { env: { ...process.env, ETCDCTL_API: '3' }, encoding: 'utf8' });
  const { kvs } = JSON.parse(text) as { kvs?: readonly { key: string; value: string; lease?: number }[] };
  const plain = (base64: string): string => Buffer.from(base64, 'base64').toString();
  return (kvs ?? [])
    .filter(({ lease }) => lease === undefined || lease === 0)
    .map(({ key, value }) => `${plain(key)}=${plain(value)}`)
    .sort();
}

async function zookeeperContent({ url }: NodeSpec): Promise<readonly string[]> {
  const nodes = await plainTree(url, ['/services', '/settings']);
  return nodes.filter(({ ephemeral }) => !ephemeral).map(({ path, data }) => `${path}=${data}`);
}

interface Branch {
  readonly value?: string;
  readonly lease?: string | null;
  readonly children?: Readonly<Record<string, Branch>>;
}

async function antietcdContent({ url }: NodeSpec): Promise<readonly string[]> {
  const answer = await fetch(`${url}/dump`, {
    method: 'POST',
    body: '{}',
    headers: { 'content-type': 'application/json' },
  });
  const { state } = (await answer.json()) as { state: Branch };
  const found: string[] = [];
  const walk = (branch: Branch, path: string): void => {
    if (typeof branch.value === 'string' && typeof branch.lease !== 'string') found.push(`${path}=${branch.value}`);
    for (const [name, child] of Object.entries(branch.children ?? {}))
      walk(child, path === '' ? name : `${path}/${name}`);
  };
  walk(state, '');
  return found.map((line) => (line.startsWith('/') ? line : `/${line}`)).sort();
}
