/** What the contract needs to know of each fault: what to ask for, and how its effect looks without the product's code. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import type { NodeSpec, Scalar } from '../../src/core/drill.js';
import type { UndoData } from '../../src/core/fault.js';
import { listProcesses } from '../../src/core/process-table.js';
import type { LabName, RunningCluster } from '../support/cluster.js';
import { plainTree, plainWrite } from '../support/plain-zookeeper.js';
import { ROOT_PASSWORD, SHOP_PASSWORD, securedEtcdctl } from '../support/secured-etcd.js';
import { post } from '../truth/plain-node.js';
import { decode, encode } from '../truth/read-lies.js';

export interface Seen {
  readonly lab: RunningCluster;
  /** The node that was hit, or any. */
  readonly node: NodeSpec;
  readonly data: UndoData;
  /** What `look` saw before the fault. */
  readonly before: unknown;
}

export interface Row {
  readonly params?: Readonly<Record<string, Scalar>>;
  /** Which nodes; data faults take none. */
  readonly on?: 'leader' | 'all';
  /** Drivers or products that cannot have it, with a word of the sentence that `plan` says. */
  readonly refused?: Readonly<Record<string, RegExp>>;
  /** The one lab that can have it although its driver or product is among those. */
  readonly needs?: LabName;
  /** Over by itself: nothing is left to undo. */
  readonly passing?: true;
  /** Words of the revert that tell how the state after differs from the one before. */
  readonly differs?: RegExp;
  readonly arrange?: (lab: RunningCluster) => Promise<void>;
  readonly look?: (lab: RunningCluster, node: NodeSpec) => Promise<unknown>;
  /** The effect, seen from outside while the fault is on. */
  readonly effect: (seen: Seen) => Promise<void>;
}

/** What Docker's own command line says of the node's container. */
const inspect = ({ find }: NodeSpec, format: string): string =>
  find.by === 'container'
    ? execFileSync('docker', ['inspect', '--format', format, find.container], { encoding: 'utf8' }).trim()
    : '';

const NO_MANAGER = { process: /driver process has no/ } as const;
const NO_NETWORK = { process: /shares the network of this machine|only root/ } as const;
const ETCD_ONLY = { antietcd: /needs etcd/, zookeeper: /needs etcd/ } as const;
const NO_LINKS = { process: /./, docker: /./ } as const;

/** It takes connections at most: whatever its clients send, it says nothing. */
const silent = async ({ node }: Seen): Promise<void> => expect(await said(node), `${node.name} answers`).toBe('');

function said(node: NodeSpec): Promise<string> {
  const { hostname, port } = new URL(node.url);
  return new Promise<string>((resolve) => {
    const socket = connect(Number(port), hostname, () =>
      socket.write(`${node.url.startsWith('http') ? HTTP : 'srvr'}`),
    );
    socket.setTimeout(400, () => socket.destroy());
    socket.once('data', (bytes) => resolve(bytes.toString()));
    socket.once('error', () => resolve(''));
    socket.once('close', () => resolve(''));
  });
}
const HTTP = 'GET /version HTTP/1.0\r\n\r\n';

/** Connections to its own address that do not come about before the kernel tries again. */
async function lostOf({ peerUrl = '' }: NodeSpec, tries: number): Promise<number> {
  const { hostname, port } = new URL(peerUrl);
  const came = await Promise.all(
    Array.from(
      { length: tries },
      () =>
        new Promise<boolean>((resolve) => {
          const socket = connect(Number(port), hostname, () => resolve(true));
          socket.once('error', () => resolve(false));
          setTimeout(() => {
            socket.destroy();
            resolve(false);
          }, 800);
        }),
    ),
  );
  return came.filter((one) => !one).length;
}

/** Pids of all nodes, out of the process table. */
const pidsOf = async (lab: RunningCluster): Promise<Readonly<Record<string, number | undefined>>> =>
  Object.fromEntries(
    lab.cluster.binding.nodes.map((node) => {
      if (node.find.by === 'container') return [node.name, Number(inspect(node, '{{.State.Pid}}')) || undefined];
      const text = node.find.by === 'argument' ? node.find.text : '';
      return [node.name, listProcesses(text).find(({ argv }) => argv.some((arg) => arg.endsWith(text)))?.pid];
    }),
  );

async function keysOf(lab: RunningCluster, node: NodeSpec, prefix: string): Promise<readonly string[]> {
  if (lab.cluster.binding.product === 'antietcd') {
    const { state } = await post<{ state: Branch }>(`${node.url}/dump`, {});
    return walk(state, []).filter((key) => key.startsWith(prefix));
  }
  if (lab.cluster.binding.product === 'zookeeper') {
    const nodes = await plainTree(node.url, ['/services']);
    return nodes.map(({ path }) => path).filter((path) => path.startsWith(prefix));
  }
  const end = `${prefix.slice(0, -1)}0`;
  const range = { key: encode(prefix), range_end: encode(end), keys_only: true, serializable: true };
  const { kvs = [] } = await post<{ kvs?: { key: string }[] }>(`${node.url}/v3/kv/range`, range);
  return kvs.map(({ key }) => decode(key));
}

interface Branch {
  readonly value?: string;
  readonly children?: Readonly<Record<string, Branch>>;
}
const walk = (branch: Branch, path: readonly string[]): readonly string[] => [
  ...(typeof branch.value === 'string' ? [path.join('/')] : []),
  ...Object.entries(branch.children ?? {}).flatMap(([part, child]) => walk(child, [...path, part])),
];

const put = (node: NodeSpec, key: string): Promise<string> =>
  post(`${node.url}/v3/kv/put`, { key: encode(key), value: encode('v') }).then(
    () => 'ok',
    (error: unknown) => String(error),
  );

const unacknowledged = async (node: NodeSpec): Promise<boolean> => {
  const request = { key: encode('/late/one'), value: encode('v') };
  return fetch(`${node.url}/v3/kv/put`, {
    method: 'POST',
    body: JSON.stringify(request),
    signal: AbortSignal.timeout(1_500),
  }).then(
    ({ ok }) => !ok,
    () => true,
  );
};

const walFile = ({ data, node }: Seen): string => join(node.data ?? '', String(data.file));
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

const noneLeft =
  (prefix: string): Row['effect'] =>
  async ({ lab, node }) =>
    expect(await keysOf(lab, node, prefix)).toEqual([]);

export const ROWS: Readonly<Record<string, Row>> = {
  'node.kill': { on: 'leader', effect: silent },
  'node.kill-in-place': {
    on: 'leader',
    refused: NO_MANAGER,
    // The lab's containers have a restart policy: it brings the node back.
    passing: true,
    look: pidsOf,
    effect: async ({ lab, node, before }) => {
      await expect.poll(() => Number(inspect(node, '{{.RestartCount}}')), { timeout: 5_000 }).toBeGreaterThan(0);
      await expect.poll(async () => (await pidsOf(lab))[node.name], { timeout: 5_000 }).toBeGreaterThan(0);
      expect((await pidsOf(lab))[node.name]).not.toBe((before as Record<string, number>)[node.name]);
    },
  },
  'node.stop': { on: 'leader', params: { graceMs: 5_000 }, effect: silent },
  'node.restart': {
    on: 'leader',
    passing: true,
    look: pidsOf,
    effect: async ({ lab, node, before }) => {
      const [was, is] = [before as Record<string, number>, await pidsOf(lab)];
      for (const name of Object.keys(was)) expect(was[name] === is[name], name).toBe(name !== node.name);
    },
  },
  'node.rolling-restart': {
    on: 'all',
    passing: true,
    look: pidsOf,
    effect: async ({ lab, before }) => {
      const [was, is] = [before as Record<string, number>, await pidsOf(lab)];
      for (const name of Object.keys(was)) expect(is[name], name).not.toBe(was[name]);
      expect(Object.values(is)).not.toContain(undefined);
    },
  },
  'node.freeze': { on: 'leader', effect: silent },
  'network.partition': {
    on: 'leader',
    params: { shape: 'minority' },
    refused: NO_NETWORK,
    needs: 'etcd-3-netns',
    // Whoever it is, clients still reach it, and it does not acknowledge anything.
    effect: async ({ lab, node }) => {
      if (lab.cluster.binding.product === 'zookeeper') {
        expect(await said(node)).not.toBe('');
        expect(await plainWrite(node.url, 1_500)).toBe(false);
        return;
      }
      expect((await fetch(`${node.url}/version`)).status).toBe(200);
      expect(await unacknowledged(node)).toBe(true);
    },
  },
  'network.loss': {
    on: 'leader',
    params: { percent: 20 },
    refused: NO_NETWORK,
    needs: 'etcd-3-netns',
    effect: async ({ node }) => {
      // Two ways: 36 of 100 on average.
      const lost = await lostOf(node, 100);
      expect(lost, 'of 100').toBeGreaterThan(14);
      expect(lost, 'of 100').toBeLessThan(62);
    },
  },
  'node.cpu-limit': {
    on: 'leader',
    params: { cpus: 0.1 },
    refused: NO_MANAGER,
    effect: async ({ node }) =>
      expect(inspect(node, '{{.HostConfig.CpuQuota}} {{.HostConfig.CpuPeriod}}')).toBe('10000 100000'),
  },
  'node.memory-limit': {
    on: 'leader',
    params: { mebibytes: 256 },
    refused: NO_MANAGER,
    differs: /has one that no machine reaches/,
    effect: async ({ node }) => expect(inspect(node, '{{.HostConfig.Memory}}')).toBe(String(256 * 1024 * 1024)),
  },
  'node.disk-full': {
    on: 'leader',
    refused: { process: /a small disk of its own/, docker: /a small disk of its own/ },
    needs: 'etcd-3-small-disks',
    effect: async ({ node }) => {
      const path = join(dirname(node.data ?? ''), 'one-more');
      expect(() => writeFileSync(path, Buffer.alloc(65_536))).toThrow('ENOSPC');
      rmSync(path, { force: true });
    },
  },
  'network.latency': { params: { latencyMs: 100 }, refused: NO_LINKS, effect: silent },
  'network.bandwidth': { params: { rateKBps: 100 }, refused: NO_LINKS, effect: silent },
  'network.reset': { refused: NO_LINKS, effect: silent },
  'network.slow-close': { params: { delayMs: 100 }, refused: NO_LINKS, effect: silent },
  'service.delete': { params: { service: 'order-service' }, effect: noneLeft('/services/order-service/') },
  'data.instances-deregister': {
    params: { percent: 50 },
    effect: async ({ lab, node }) => {
      const left = await keysOf(lab, node, '/services/');
      const services = left.map((key) => key.split('/')[2]);
      // 3, 2 and 2 instances, half of each rounded up.
      expect(services).toEqual(['order-service', 'payment-service', 'user-service']);
    },
  },
  'registry.wipe': { effect: noneLeft('/services/') },
  'data.node-wipe': {
    on: 'leader',
    effect: async (seen) => {
      await silent(seen);
      expect(existsSync(seen.node.data ?? '')).toBe(false);
    },
  },
  'data.node-corrupt': {
    on: 'leader',
    effect: async (seen) => {
      await silent(seen);
      const original = readFileSync(join(String(seen.data.kept), 'original'));
      const now = readFileSync(walFile(seen));
      expect(now.length).toBe(original.length);
      expect(sha256(now)).not.toBe(sha256(original));
      expect(now.filter((byte, at) => byte !== original[at]).length).toBeLessThanOrEqual(16);
    },
  },
  'data.access-lost': {
    needs: 'etcd-3-secured',
    refused: { antietcd: /no access rules/, etcd: /asks nobody who he is/, zookeeper: /no access rules/ },
    // Checking a password takes longer than the looks of the contract wait.
    arrange: async ({ cluster: { registry } }) => {
      for (const node of registry.nodes) {
        const entry = { service: 'order-service', instance: node, value: '{}' };
        const answer = await registry.client(node).register(entry, { limitMs: 5_000 });
        if (answer.outcome !== 'ok') throw new Error(answer.reason);
      }
    },
    // Whoever administers etcd is bound by no rule; its clients are.
    effect: async ({ lab, node }) => {
      const range = ['get', '/services/', '--prefix', '--keys-only'];
      expect(() => securedEtcdctl(lab.cluster, range, { as: `shop:${SHOP_PASSWORD}`, node })).toThrow(
        /permission denied/,
      );
      securedEtcdctl(lab.cluster, range, { as: `root:${ROOT_PASSWORD}`, node });
    },
  },
  'etcd.quota-exhausted': {
    params: { atMostMiB: 40 },
    refused: ETCD_ONLY,
    differs: /history was compacted/,
    effect: async ({ node }) => {
      expect(await put(node, '/services/late/one')).toContain('database space exceeded');
      expect((await fetch(`${node.url}/health`)).status).toBe(503);
    },
  },
  'leases.expire': {
    passing: true,
    arrange: async (lab) => {
      const client = lab.cluster.registry.client('n1');
      const lease = await client.grantLease(600_000, { limitMs: 5_000 });
      if (lease.outcome !== 'ok') throw new Error(lease.reason);
      const { leaseId } = lease.value;
      for (const instance of ['a', 'b']) {
        const answer = await client.register({ service: 'leased', instance, value: '{}', leaseId }, { limitMs: 5_000 });
        if (answer.outcome !== 'ok') throw new Error(answer.reason);
      }
    },
    look: async (lab, node) => keysOf(lab, node, '/services/leased/'),
    differs: /owners register again/,
    effect: async ({ lab, node, before }) => {
      expect(before).toHaveLength(2);
      expect(await keysOf(lab, node, '/services/leased/')).toEqual([]);
    },
  },
  'registry.flood': {
    params: { rate: 400, count: 200 },
    effect: async ({ lab, node, data }) => {
      const keys = await keysOf(lab, node, `/services/${data.service}/`);
      expect(keys.length).toBeGreaterThanOrEqual(20);
    },
  },
};
