import { join } from 'node:path';
import type { NodeSpec } from '../core/drill.js';
import { WorldError } from '../core/errors.js';
import { findProgram } from '../core/find-program.js';
import { bi } from '../core/text.js';
import { etcdLabClient } from './etcd-client.js';
import { etcdContainers, QUOTA_BYTES, USUAL_CONTAINERS } from './etcd-containers.js';
import { type LabKind, local, NODE_NAMES } from './kind.js';

const PEER_OFFSET = 10;

/** What tells two labs of etcd from each other, so that both can be up. */
export interface EtcdPlaces {
  readonly dataPath: LabKind['dataPath'];
  readonly usualPort: number;
  /** With one base port for all labs: how many come before. */
  readonly afterOthers: number;
  readonly containers: typeof USUAL_CONTAINERS;
}
const USUAL: EtcdPlaces = { dataPath: join, usualPort: 24_791, afterOthers: 10, containers: USUAL_CONTAINERS };

/** Real etcd, as found on the PATH. */
export function etcd3(
  env: Readonly<Record<string, string | undefined>>,
  basePort?: number,
  { dataPath, usualPort, afterOthers, containers }: EtcdPlaces = USUAL,
): LabKind {
  const client = basePort === undefined ? usualPort : basePort + afterOthers;
  const peer = client + PEER_OFFSET;
  const cluster = NODE_NAMES.map((name, i) => `${name}=${local(peer + i)}`).join(',');
  return {
    name: 'etcd-3',
    title: bi(
      'three etcd nodes: containers, or processes of the etcd on the PATH',
      '三个 etcd 节点：容器，或 PATH 中 etcd 的进程',
    ),
    product: 'etcd',
    missing: async () => {
      const [server, ...tools] = await Promise.all(PROGRAMS.map((program) => findProgram(program, env)));
      return server === null || tools.every((tool) => tool === null) ? MISSING : null;
    },
    dataPath,
    settleMs: 0,
    client: async () => etcdLabClient,
    containers: etcdContainers({ env, basePort, dataPath, ...containers }),
    nodes: async (dir) => {
      const program = await findProgram('etcd', env);
      if (program === null) throw new WorldError({ code: 'lab-missing', message: MISSING });
      return NODE_NAMES.map((name, i) => {
        const data = dataPath(dir, name);
        return etcdMember({ program, name, data, dir, clientPort: client + i, peerPort: peer + i, cluster });
      });
    },
  };
}

export function etcdMember(of: {
  readonly program: string;
  readonly name: string;
  readonly data: string;
  readonly dir: string;
  readonly clientPort: number;
  readonly peerPort: number;
  /** As in --initial-cluster. */
  readonly cluster: string;
}): NodeSpec {
  const { name, data } = of;
  const [url, peerUrl] = [local(of.clientPort), local(of.peerPort)];
  // The `initial` flags only count while there is no data: a restart or a restored folder ignores them.
  const flags = {
    name,
    'data-dir': data,
    'listen-client-urls': url,
    'advertise-client-urls': url,
    'listen-peer-urls': peerUrl,
    'initial-advertise-peer-urls': peerUrl,
    'initial-cluster': of.cluster,
    'initial-cluster-token': 'firedrill-lab',
    'initial-cluster-state': 'new',
    'quota-backend-bytes': String(QUOTA_BYTES),
  };
  const start = [of.program, ...Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, value])];
  return { name, url, find: { by: 'argument', text: data }, start, cwd: of.dir, data, peerUrl };
}

/** The server, and what restores its snapshots: either of the two. */
const PROGRAMS = ['etcd', 'etcdutl', 'etcdctl'] as const;

export const MISSING = bi(
  '`etcd` with `etcdutl` or `etcdctl` is not on the PATH. Debian: `apt-get install etcd-server etcd-client` (or unpack both with `dpkg -x` and put their usr/bin on the PATH); others: a release of etcd ≥ 3.4',
  'PATH 中缺少 `etcd` 以及 `etcdutl` 或 `etcdctl`。Debian：`apt-get install etcd-server etcd-client`（或用 `dpkg -x` 解包两者并把其 usr/bin 加入 PATH）；其他系统：使用 etcd ≥ 3.4 的发行包',
);
