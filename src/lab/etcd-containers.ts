import { join } from 'node:path';
import { type LabContainers, local, NODE_NAMES } from './kind.js';

const OFFICIAL_IMAGE = 'quay.io/coreos/etcd:v3.6.5';
const IMAGE_VARIABLE = 'FIREDRILL_IMAGE_ETCD';
const USUAL_PORT = 26_791;
/** With one base port for all labs: after those of the etcd processes. */
const AFTER_PROCESSES = 26;
const CLIENT_PORT = 2_379;
const PEER_PORT = 2_380;
const DATA = '/data';
/** Small enough to be filled in a drill, and far more than practice needs. */
export const QUOTA_BYTES = 32 * 1024 * 1024;

/** Real etcd in containers; the client ports are published on 127.0.0.1, the peers talk on the lab's own network. */
export function etcdContainers(
  env: Readonly<Record<string, string | undefined>>,
  basePort: number | undefined,
): LabContainers {
  const port = basePort === undefined ? USUAL_PORT : basePort + AFTER_PROCESSES;
  const network = basePort === undefined ? 'firedrill-etcd-3' : `firedrill-etcd-3-${basePort}`;
  const net = basePort === undefined ? '172.29.71' : `172.30.${Math.floor(basePort / 30) % 256}`;
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
        const data = join(dir, name);
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
