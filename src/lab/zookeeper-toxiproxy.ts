import { join } from 'node:path';
import type { NodeLinks, PeerLink } from '../core/drill.js';
import { bi } from '../core/text.js';
import { type LabKind, local, NODE_NAMES } from './kind.js';
import { findToxiproxy, TOXIPROXY_MISSING, toxiproxyHelper } from './toxiproxy.js';
import { type Ports, portsFrom, SHORT_TIMERS, type ZookeeperOptions, zookeeper3 } from './zookeeper.js';
import { type Timers, writeServer } from './zookeeper-config.js';

/** Behind the ports of the other labs of ZooKeeper. */
const OFFSET = 40;
/** Behind those of the servers. */
const PROXIES = 14;
/**
 * A proxy accepts also while the new leader does not listen yet, so a follower does not try again but looks for another
 * leader: now and then two wait for followers, each as long as this lets it.
 */
const TIMERS: Timers = { ...SHORT_TIMERS, initTicks: 6 };

/**
 * ZooKeeper with Toxiproxy before every client port, and for each pair of servers one for each that may follow the other:
 * only a leader has its quorum port open, so all that followers and leader say to each other passes the followers' own
 * proxies. Votes do not: in an election the server with the higher id calls the lower one back at the address that this
 * one names, which is the one it listens on.
 */
export function zookeeper3Toxiproxy(options: ZookeeperOptions): LabKind {
  const { env, basePort } = options;
  const { containers: _, ...zookeeper } = zookeeper3(options);
  const ports = portsFrom(basePort, OFFSET);
  const links = linksOf(ports);
  return {
    ...zookeeper,
    name: 'zookeeper-3-toxiproxy',
    title: bi(
      'three ZooKeeper processes with Toxiproxy on every client link and between leader and followers; votes pass around it',
      '三个 ZooKeeper 进程，每条客户端链路以及主从节点之间的链路上都有 Toxiproxy；选举投票不经过它',
    ),
    missing: async () =>
      (await zookeeper.missing()) ?? ((await findToxiproxy(env)) === null ? TOXIPROXY_MISSING : null),
    helper: toxiproxyHelper(env),
    configure: async (dir) => {
      for (const [i, node] of NODE_NAMES.entries()) {
        const home = join(dir, node);
        const admin = { address: '127.0.0.1', port: ports.admin + i };
        await writeServer(home, i + 1, { home, admin, members: membersSeenBy(i, ports), ...TIMERS });
      }
    },
    nodes: async (dir) =>
      (await zookeeper.nodes(dir)).map((node, i) => ({
        ...node,
        url: `zookeeper://${links(i).client.listen}`,
        peerUrl: `zookeeper://127.0.0.1:${ports.election + i}`,
        adminUrl: local(ports.admin + i),
        links: links(i),
      })),
  };
}

/** The port of the proxy on which server `from` follows server `to`. */
const pairPort = ({ client }: Ports, from: number, to: number): number =>
  client + PROXIES + 3 + 2 * from + (to > from ? to - 1 : to);

/** Its own line is what it listens on; the quorum port of each other one is its own proxy to it. */
const membersSeenBy = (own: number, ports: Ports): readonly string[] =>
  NODE_NAMES.map((_, i) => {
    const quorum = i === own ? ports.peer + i : pairPort(ports, own, i);
    return `server.${i + 1}=127.0.0.1:${quorum}:${ports.election + i}:participant;127.0.0.1:${ports.client + i}`;
  });

function linksOf(ports: Ports): (node: number) => NodeLinks {
  const follows = (from: number, to: number) => ({
    proxy: `${NODE_NAMES[from]}-${NODE_NAMES[to]}`,
    listen: `127.0.0.1:${pairPort(ports, from, to)}`,
    upstream: `127.0.0.1:${ports.peer + to}`,
  });
  const all = NODE_NAMES.map((_, i) => i);
  const peersOf = (node: number): readonly PeerLink[] =>
    all
      .filter((other) => other !== node)
      .flatMap((other) => [follows(other, node), { ...follows(node, other), outward: true }]);
  return (node) => ({
    api: local(ports.client + PROXIES + 9),
    client: {
      proxy: `${NODE_NAMES[node]}-client`,
      listen: `127.0.0.1:${ports.client + PROXIES + node}`,
      upstream: `127.0.0.1:${ports.client + node}`,
    },
    peers: peersOf(node),
  });
}
