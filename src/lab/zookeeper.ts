import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WorldError } from '../core/errors.js';
import { templatesDir } from '../core/package-root.js';
import { type Bilingual, bi } from '../core/text.js';
import { findProgram } from './find-program.js';
import { type ConnectLab, type LabKind, local, NODE_NAMES } from './kind.js';
import { zookeeperLabClient } from './zookeeper-client.js';
import { LOGBACK, zooCfg } from './zookeeper-config.js';

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

interface Timers {
  /** Unit of all others; a client's session lasts 2 to 20 of them. */
  readonly tickMs: number;
  /** Ticks that a follower may be behind, or a leader silent. */
  readonly syncTicks: number;
}

/** Short timers: a frozen leader is noticed after about 2 s. */
export const zookeeper3 = (options: ZookeeperOptions): LabKind => ({
  ...cluster(options, { tickMs: 500, syncTicks: 4 }, portsFrom(options.basePort, 0)),
  name: 'zookeeper-3',
  title: bi('three ZooKeeper processes with short timers', '三个 ZooKeeper 进程（短定时器）'),
});

/** As ZooKeeper's own sample configuration has them: a frozen leader is noticed after about 10 s. */
export const zookeeper3DefaultTimers = (options: ZookeeperOptions): LabKind => ({
  ...cluster(options, { tickMs: 2_000, syncTicks: 5 }, portsFrom(options.basePort, 20)),
  name: 'zookeeper-3-default-timers',
  title: bi('three ZooKeeper processes with its usual timers', '三个 ZooKeeper 进程（常用默认定时器）'),
});

interface Ports {
  readonly client: number;
  readonly peer: number;
  readonly election: number;
  readonly admin: number;
}

function portsFrom(basePort: number | undefined, offset: number): Ports {
  const first = (basePort === undefined ? USUAL_PORT : basePort + AFTER_OTHERS) + offset;
  return { client: first, peer: first + 3, election: first + 6, admin: first + 10 };
}

/** The folder in which ZooKeeper keeps snapshots and logs: the argument by which its process is known. */
const dataPath = (dir: string, node: string): string => join(dir, node, 'version-2');

function cluster({ env, connect }: ZookeeperOptions, timers: Timers, ports: Ports): Omit<LabKind, 'name' | 'title'> {
  const jars = jarFolder(env);
  return {
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
      await mkdir(join(dir, 'conf'), { recursive: true });
      await writeFile(join(dir, 'conf', 'logback.xml'), LOGBACK);
      for (const [i, name] of NODE_NAMES.entries()) {
        const home = join(dir, name);
        await mkdir(home, { recursive: true });
        await writeFile(join(home, 'myid'), `${i + 1}\n`);
        await writeFile(join(home, 'zoo.cfg'), zooCfg({ home, adminPort: ports.admin + i, members, ...timers }));
      }
    },
    nodes: async (dir) => {
      const java = await findProgram('java', env);
      if (java === null) throw new WorldError({ code: 'lab-missing', message: missing(jars) });
      return NODE_NAMES.map((name, i) => {
        const data = dataPath(dir, name);
        const classPath = `${join(jars, '*')}:${join(dir, 'conf')}`;
        const main = 'org.apache.zookeeper.server.quorum.QuorumPeerMain';
        return {
          name,
          url: `zookeeper://127.0.0.1:${ports.client + i}`,
          adminUrl: local(ports.admin + i),
          find: { by: 'argument', text: data },
          start: [java, ...JVM, `-Dfiredrill.data=${data}`, '-cp', classPath, main, join(dir, name, 'zoo.cfg')],
          cwd: dir,
          data,
        };
      });
    },
  };
}

/** Small heaps and few threads; a log file of 1 MiB instead of 64; a node without a quorum still shows its own copy. */
const JVM = [
  ...['-Xms32m', '-Xmx96m', '-Xss512k'],
  ...['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:CICompilerCount=1'],
  '-Dzookeeper.preAllocSize=1024',
  '-Dreadonlymode.enabled=true',
] as const;

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
