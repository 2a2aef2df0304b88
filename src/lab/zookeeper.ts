import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { WorldError } from '../core/errors.js';
import { findProgram } from '../core/find-program.js';
import { templatesDir } from '../core/package-root.js';
import { type Bilingual, bi } from '../core/text.js';
import { type ConnectLab, type LabKind, local, NODE_NAMES } from './kind.js';
import { zookeeperLabClient } from './zookeeper-client.js';
import { JVM, type Timers, writeServer } from './zookeeper-config.js';
import { type ContainerPlace, zookeeperContainers } from './zookeeper-containers.js';

const VERSION = '3.9.5';
const USUAL_PORT = 27_791;
/** With one base port for all labs, those of the others come first. */
const AFTER_OTHERS = 90;

type Env = Readonly<Record<string, string | undefined>>;

export interface ZookeeperOptions {
  readonly env: Env;
  readonly basePort?: number;
  /** Without it, it cannot be brought up. */
  readonly connect?: ConnectLab;
}

/** A frozen leader is noticed after about 2 s. */
export const SHORT_TIMERS: Timers = { tickMs: 500, syncTicks: 4 };

export const zookeeper3 = (options: ZookeeperOptions): LabKind => ({
  ...cluster(options, SHORT_TIMERS, { name: 'zookeeper-3', offset: 0, thirdByte: 72 }),
  title: bi(
    'three ZooKeeper nodes with short timers: containers, or processes',
    '三个 ZooKeeper 节点（短定时器）：容器或进程',
  ),
});

/** As ZooKeeper's own sample configuration has them: a frozen leader is noticed after about 10 s. */
export const zookeeper3DefaultTimers = (options: ZookeeperOptions): LabKind => ({
  ...cluster(
    options,
    { tickMs: 2_000, syncTicks: 5 },
    { name: 'zookeeper-3-default-timers', offset: 20, thirdByte: 73 },
  ),
  title: bi(
    'three ZooKeeper nodes with its usual timers: containers, or processes',
    '三个 ZooKeeper 节点（常用默认定时器）：容器或进程',
  ),
});

export interface Ports {
  readonly client: number;
  readonly peer: number;
  readonly election: number;
  readonly admin: number;
}

interface Which {
  readonly name: string;
  /** Of its ports, behind those of the other labs of ZooKeeper. */
  readonly offset: number;
  /** Of its usual network of containers. */
  readonly thirdByte: number;
}

export function portsFrom(basePort: number | undefined, offset: number): Ports {
  const first = (basePort === undefined ? USUAL_PORT : basePort + AFTER_OTHERS) + offset;
  return { client: first, peer: first + 3, election: first + 6, admin: first + 10 };
}

/** The folder in which ZooKeeper keeps snapshots and logs: the argument by which its process is known. */
const dataPath = (dir: string, node: string): string => join(dir, node, 'version-2');

function cluster(
  { env, connect, basePort }: ZookeeperOptions,
  timers: Timers,
  { name, offset, thirdByte }: Which,
): Omit<LabKind, 'title'> {
  const jars = jarFolder(env);
  const ports = portsFrom(basePort, offset);
  return {
    name,
    registry: 'zookeeper',
    product: 'zookeeper',
    missing: async () =>
      (await findProgram('java', env)) === null || !(await holdsServer(jars)) ? missing(jars) : null,
    dataPath,
    settleMs: 0,
    client: (nodes) => zookeeperLabClient(nodes, connect),
    configure: async (dir) => {
      const members = NODE_NAMES.map(
        (_, i) =>
          `server.${i + 1}=127.0.0.1:${ports.peer + i}:${ports.election + i}:participant;127.0.0.1:${ports.client + i}`,
      );
      for (const [i, node] of NODE_NAMES.entries()) {
        const home = join(dir, node);
        const admin = { address: '127.0.0.1', port: ports.admin + i };
        await writeServer(home, i + 1, { home, admin, members, ...timers });
      }
    },
    containers: zookeeperContainers(env, timers, placeOf({ name, basePort, thirdByte }, ports)),
    nodes: async (dir) => {
      const java = await findProgram('java', env);
      if (java === null) throw new WorldError({ code: 'lab-missing', message: missing(jars) });
      return NODE_NAMES.map((node, i) => {
        const data = dataPath(dir, node);
        const home = join(dir, node);
        const classPath = `${join(jars, '*')}:${home}`;
        const main = 'org.apache.zookeeper.server.quorum.QuorumPeerMain';
        return {
          name: node,
          url: `zookeeper://127.0.0.1:${ports.client + i}`,
          peerUrl: `zookeeper://127.0.0.1:${ports.election + i}`,
          adminUrl: local(ports.admin + i),
          find: { by: 'argument', text: data },
          start: [java, ...JVM, `-Dfiredrill.data=${data}`, '-cp', classPath, main, join(home, 'zoo.cfg')],
          cwd: dir,
          data,
        };
      });
    },
  };
}

/** With one base port for all labs, several may be up at a time: each has a name and addresses of its own. */
function placeOf(
  { name, basePort, thirdByte }: Pick<Which, 'name' | 'thirdByte'> & { readonly basePort: number | undefined },
  ports: Ports,
): ContainerPlace {
  if (basePort === undefined) return { network: `firedrill-${name}`, net: `172.29.${thirdByte}`, ports };
  const net = `172.${thirdByte === 72 ? 28 : 27}.${Math.floor(basePort / 30) % 256}`;
  return { network: `firedrill-${name}-${basePort}`, net, ports };
}

function jarFolder(env: Env): string {
  if (env.FIREDRILL_ZOOKEEPER_LIB !== undefined) return env.FIREDRILL_ZOOKEEPER_LIB;
  const cache = env.XDG_CACHE_HOME ?? join(env.HOME ?? '', '.cache');
  return join(cache, 'firedrill', `zookeeper-${VERSION}`, 'lib');
}

const holdsServer = (jars: string): Promise<boolean> =>
  readdir(jars).then(
    (names) => names.some((name) => /^zookeeper-\d.*\.jar$|^zookeeper\.jar$/.test(name)),
    () => false,
  );

function missing(jars: string): Bilingual {
  const pom = join(templatesDir, 'lab', 'zookeeper.pom.xml');
  const command = `mvn -q -B -f ${pom} dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory=${jars}`;
  return bi(
    `ZooKeeper needs \`java\` on the PATH and its jars in ${jars}. Debian: \`apt-get install default-jre-headless maven\`, then \`${command}\`; or put the \`lib\` folder of a release of ZooKeeper ≥ 3.9 there`,
    `ZooKeeper 需要 PATH 中有 \`java\`，并且 ${jars} 中有其 jar 文件。Debian：\`apt-get install default-jre-headless maven\`，然后 \`${command}\`；或把 ZooKeeper ≥ 3.9 发行包的 \`lib\` 目录放到那里`,
  );
}
