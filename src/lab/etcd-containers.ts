import { type LabContainers, type LabKind, local, NODE_NAMES } from './kind.js';

const OFFICIAL_IMAGE = 'quay.io/coreos/etcd:v3.6.5';
const IMAGE_VARIABLE = 'FIREDRILL_IMAGE_ETCD';
const CLIENT_PORT = 2_379;
const PEER_PORT = 2_380;
const DATA = '/data';
/** Small enough to be filled in a drill, and far more than practice needs. */
export const QUOTA_BYTES = 32 * 1024 * 1024;

/** Where the containers of a lab listen: ports of the host, and a network of their own. */
export const USUAL_CONTAINERS = {
  network: 'firedrill-etcd-3',
  usualPort: 26_791,
  /** With one base port for all labs: after those of the etcd processes. */
  afterOthers: 26,
  usualNet: '172.29.71',
  /** With a base port: its first two numbers. */
  net: '172.30',
};

/** Real etcd in containers; the client ports are published on 127.0.0.1, the peers talk on the lab's own network. */
export function etcdContainers(
  lab: typeof USUAL_CONTAINERS & {
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly basePort: number | undefined;
    readonly dataPath: LabKind['dataPath'];
  },
): LabContainers {
  const { env, basePort } = lab;
  const port = basePort === undefined ? lab.usualPort : basePort + lab.afterOthers;
  const network = basePort === undefined ? lab.network : `${lab.network}-${basePort}`;
  const net = basePort === undefined ? lab.usualNet : `${lab.net}.${Math.floor(basePort / 30) % 256}`;
  const address = (i: number): string => `${net}.${11 + i}`;
  const cluster = NODE_NAMES.map((name, i) => `${name}=http://${address(i)}:${PEER_PORT}`).join(',');
  const image = env[IMAGE_VARIABLE];
  return {
    image: image === undefined || image === '' ? OFFICIAL_IMAGE : image,
    imageVariable: IMAGE_VARIABLE,
    network,
    subnet: `${net}.0/24`,
    nodes: (dir) =>
      NODE_NAMES.map((name, i) => {
        const peerUrl = `http://${address(i)}:${PEER_PORT}`;
        const data = lab.dataPath(dir, name);
        // The `initial` flags only count while there is no data: a restart or a restored folder ignores them.
        const flags = {
          name,
          'data-dir': DATA,
          'listen-client-urls': `http://0.0.0.0:${CLIENT_PORT}`,
          'advertise-client-urls': `http://${address(i)}:${CLIENT_PORT}`,
          'listen-peer-urls': `http://0.0.0.0:${PEER_PORT}`,
          'initial-advertise-peer-urls': peerUrl,
          'initial-cluster': cluster,
          'initial-cluster-token': 'firedrill-lab',
          'initial-cluster-state': 'new',
          'quota-backend-bytes': String(QUOTA_BYTES),
        };
        return {
          node: {
            name,
            url: local(port + i),
            find: { by: 'container', container: `${network}-${name}` },
            start: [],
            data,
            peerUrl,
          },
          argv: ['etcd', ...Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, value])],
          env: {},
          address: address(i),
          ports: { [CLIENT_PORT]: port + i },
          mounts: { [data]: DATA },
        };
      }),
  };
}
