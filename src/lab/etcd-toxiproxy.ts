import { join } from 'node:path';
import { bi } from '../core/text.js';
import { etcd3 } from './etcd.js';
import { type LabKind, local, NODE_NAMES } from './kind.js';
import { findToxiproxy, TOXIPROXY_MISSING, toxiproxyHelper } from './toxiproxy.js';

const USUAL_PORT = 25_791;
/** With one base port for all labs, those of the others come first. */
const AFTER_OTHERS = 60;

type Env = Readonly<Record<string, string | undefined>>;

/**
 * etcd with Toxiproxy before every client port and every peer port. One proxy per node for all its peers: a member has
 * one peer URL for the whole cluster, its id is a hash of it. What a node sends to its peers goes over connections that
 * they open, so it is what comes *down* its peer proxy.
 */
export function etcd3Toxiproxy(env: Env, basePort?: number): LabKind {
  const { containers: _, ...etcd } = etcd3(env, basePort);
  const port = portsFrom(basePort === undefined ? USUAL_PORT : basePort + AFTER_OTHERS);
  const cluster = NODE_NAMES.map((name, i) => `${name}=${local(port.peerProxy + i)}`).join(',');
  return {
    ...etcd,
    name: 'etcd-3-toxiproxy',
    title: bi(
      'three etcd processes with Toxiproxy on every client and peer link',
      '三个 etcd 进程，每条客户端链路和节点间链路上都有 Toxiproxy',
    ),
    missing: async () => (await etcd.missing()) ?? ((await findToxiproxy(env)) === null ? TOXIPROXY_MISSING : null),
    helper: toxiproxyHelper(env),
    nodes: async (dir) => {
      const nodes = await etcd.nodes(dir);
      return nodes.map(({ start: [program = ''], ...node }, i) => {
        const data = join(dir, node.name);
        const [url, peerUrl] = [local(port.clientProxy + i), local(port.peerProxy + i)];
        const flags = {
          name: node.name,
          'data-dir': data,
          'listen-client-urls': local(port.client + i),
          'advertise-client-urls': url,
          'listen-peer-urls': local(port.peer + i),
          'initial-advertise-peer-urls': peerUrl,
          'initial-cluster': cluster,
          'initial-cluster-token': 'firedrill-lab',
          'initial-cluster-state': 'new',
        };
        const link = (kind: string, from: number, to: number) => ({
          proxy: `${node.name}-${kind}`,
          listen: `127.0.0.1:${from + i}`,
          upstream: `127.0.0.1:${to + i}`,
        });
        return {
          ...node,
          url,
          peerUrl,
          start: [program, ...Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, value])],
          links: {
            api: local(port.api),
            client: link('client', port.clientProxy, port.client),
            peers: [link('peer', port.peerProxy, port.peer)],
          },
        };
      });
    },
  };
}

const portsFrom = (first: number) => ({
  clientProxy: first,
  peerProxy: first + 3,
  api: first + 6,
  client: first + 10,
  peer: first + 13,
});
