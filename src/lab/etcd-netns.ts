import { join } from 'node:path';
import { bi } from '../core/text.js';
import { etcd3 } from './etcd.js';
import { QUOTA_BYTES } from './etcd-containers.js';
import { type LabKind, NODE_NAMES } from './kind.js';
import { missingForNamespaces, type NetworkPlan, namespacePath } from './namespaces.js';

const CLIENT_PORT = 2_379;
const PEER_PORT = 2_380;

type Env = Readonly<Record<string, string | undefined>>;

/** etcd as processes that cannot see each other but over a bridge, as on machines of their own. */
export function etcd3Netns(env: Env, basePort?: number): LabKind {
  const { containers: _, ...etcd } = etcd3(env, basePort);
  // Addresses for tests of networks, which nobody else uses.
  const net = basePort === undefined ? '198.18.71' : `198.19.${Math.floor(basePort / 30) % 256}`;
  const address = (i: number): string => `${net}.${11 + i}`;
  const cluster = NODE_NAMES.map((name, i) => `${name}=http://${address(i)}:${PEER_PORT}`).join(',');
  const network: NetworkPlan = {
    host: `${net}.1`,
    prefixLength: 24,
    nodes: NODE_NAMES.map((name, i) => ({ name, address: address(i) })),
  };
  return {
    ...etcd,
    name: 'etcd-3-netns',
    title: bi(
      'three etcd processes, each in a network namespace of its own (root only)',
      '三个 etcd 进程，各自处于独立的网络命名空间（仅限 root）',
    ),
    missing: async () => (await missingForNamespaces(env)) ?? (await etcd.missing()),
    network,
    nodes: async (dir) => {
      const nodes = await etcd.nodes(dir);
      return nodes.map(({ name, find, cwd, start: [program = ''] }, i) => {
        const [url, peerUrl] = [`http://${address(i)}:${CLIENT_PORT}`, `http://${address(i)}:${PEER_PORT}`];
        const data = join(dir, name);
        const flags = {
          name,
          'data-dir': data,
          'listen-client-urls': url,
          'advertise-client-urls': url,
          'listen-peer-urls': peerUrl,
          'initial-advertise-peer-urls': peerUrl,
          'initial-cluster': cluster,
          'initial-cluster-token': 'firedrill-lab',
          'initial-cluster-state': 'new',
          'quota-backend-bytes': String(QUOTA_BYTES),
        };
        const argv = [program, ...Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, value])];
        const start = ['nsenter', `--net=${namespacePath(dir, name)}`, '--', ...argv];
        return { name, url, find, start, ...(cwd === undefined ? {} : { cwd }), data, peerUrl };
      });
    },
  };
}
