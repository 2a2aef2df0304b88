import { join } from 'node:path';
import { type LabContainers, local, NODE_NAMES } from './kind.js';
import { JVM, type Timers, writeServer } from './zookeeper-config.js';

const OFFICIAL_IMAGE = 'zookeeper:3.9.4';
const IMAGE_VARIABLE = 'FIREDRILL_IMAGE_ZOOKEEPER';
const CLIENT_PORT = 2_181;
const PEER_PORT = 2_888;
const ELECTION_PORT = 3_888;
const ADMIN_PORT = 8_080;
/** Where a server of the official image has its data. */
const HOME = '/data';

export interface ContainerPlace {
  readonly network: string;
  /** First three bytes of its addresses. */
  readonly net: string;
  /** On 127.0.0.1 of this machine. */
  readonly ports: { readonly client: number; readonly admin: number };
}

/**
 * ZooKeeper in containers; client and admin ports are published on 127.0.0.1, the servers talk on the lab's own network.
 * Started by the distribution's `zkServer.sh` with a configuration of ours, not by the image's own entry point.
 */
export function zookeeperContainers(
  env: Readonly<Record<string, string | undefined>>,
  timers: Timers,
  { network, net, ports }: ContainerPlace,
): LabContainers {
  const image = env[IMAGE_VARIABLE];
  const address = (i: number): string => `${net}.${11 + i}`;
  const members = NODE_NAMES.map(
    (_, i) => `server.${i + 1}=${address(i)}:${PEER_PORT}:${ELECTION_PORT}:participant;0.0.0.0:${CLIENT_PORT}`,
  );
  return {
    image: image === undefined || image === '' ? OFFICIAL_IMAGE : image,
    imageVariable: IMAGE_VARIABLE,
    network,
    subnet: `${net}.0/24`,
    configure: async (dir) => {
      const admin = { address: '0.0.0.0', port: ADMIN_PORT };
      for (const [i, name] of NODE_NAMES.entries()) {
        await writeServer(join(dir, name), i + 1, { home: HOME, admin, members, ...timers });
      }
    },
    nodes: (dir) =>
      NODE_NAMES.map((name, i) => ({
        node: {
          name,
          url: `zookeeper://127.0.0.1:${ports.client + i}`,
          adminUrl: local(ports.admin + i),
          find: { by: 'container', container: `${network}-${name}` },
          start: [],
          data: join(dir, name, 'version-2'),
          // A follower has its peer port closed; all listen for elections.
          peerUrl: `zookeeper://${address(i)}:${ELECTION_PORT}`,
        },
        argv: ['zkServer.sh', 'start-foreground', `${HOME}/zoo.cfg`],
        env: {
          SERVER_JVMFLAGS: [...JVM, `-Dlogback.configurationFile=${HOME}/logback.xml`].join(' '),
          JMXDISABLE: 'true',
          ZOO_LOG_DIR: HOME,
        },
        address: address(i),
        ports: { [CLIENT_PORT]: ports.client + i, [ADMIN_PORT]: ports.admin + i },
        mounts: { [join(dir, name)]: HOME },
      })),
  };
}
