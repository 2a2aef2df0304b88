/** Gets ZooKeeper's servers into the cache: 3.9 by Maven, where the lab finds it by itself; Debian's 3.8 unpacked. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cache, findOnPath } from './cache.js';

const VERSION = '3.9.5';
const POM = join(import.meta.dirname, '../../templates/lab/zookeeper.pom.xml');

/** The jars of Debian's 3.8, as FIREDRILL_ZOOKEEPER_LIB. */
export const ZOOKEEPER_38_LIB = join(cache, 'zookeeper-3.8-debian', 'lib');

/** Debian's own manifest lacks what the AdminServer needs, and then leaves it out without a word. */
const DEBIAN_PACKAGES = [
  ...['libzookeeper-java', 'libjetty9-java', 'libservlet-api-java', 'libslf4j-java', 'liblog4j1.2-java'],
  ...['libjackson2-core-java', 'libjackson2-databind-java', 'libjackson2-annotations-java', 'libcommons-cli-java'],
  ...['libdropwizard-metrics-java', 'libsnappy-java', 'libnetty-java'],
] as const;

/** Of the bindings of slf4j, one. */
const DEBIAN_JARS = [
  ...['zookeeper', 'zookeeper-jute', 'servlet-api', 'slf4j-api', 'slf4j-log4j12', 'log4j-1.2'],
  ...[
    'jetty9-server',
    'jetty9-servlet',
    'jetty9-util',
    'jetty9-util-ajax',
    'jetty9-http',
    'jetty9-io',
    'jetty9-security',
  ],
  ...[
    'jackson-core',
    'jackson-databind',
    'jackson-annotations',
    'commons-cli',
    'metrics-core',
    'snappy-java',
    'netty-all',
  ],
  ...['netty-buffer', 'netty-codec', 'netty-common', 'netty-handler', 'netty-resolver', 'netty-transport'],
  // The server's code for encrypted client ports names it.
  'netty-transport-native-epoll',
  'netty-transport-native-unix-common',
] as const;

/** By the last that was added, a folder of an earlier checkout is told. */
const WANTED = [`zookeeper-${VERSION}.jar`, 'netty-transport-classes-epoll-'];

/** Why the server cannot be had; empty = it is there. */
export function getZookeeper(): string {
  const home = join(cache, `zookeeper-${VERSION}`);
  const why = needPrograms();
  if (why !== '') return why;
  const jars = existsSync(join(home, 'lib')) ? readdirSync(join(home, 'lib')) : [];
  if (WANTED.every((jar) => jars.some((name) => name.startsWith(jar)))) return '';
  const copyInto = (lib: string): void => {
    const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${lib}`];
    execFileSync('mvn', ['-q', '-B', '-f', POM, ...goal], { stdio: 'pipe' });
  };
  if (jars.length === 0) return getInto(home, `ZooKeeper ${VERSION}`, (work) => copyInto(join(work, 'lib')));
  // Got before more was wanted: what is there may be in use.
  copyInto(join(home, 'lib'));
  return '';
}

/** Why Debian's server cannot be had; empty = it is there. */
export function getZookeeper38(): string {
  const why = needPrograms();
  if (why !== '') return why;
  if (DEBIAN_JARS.every((name) => existsSync(join(ZOOKEEPER_38_LIB, `${name}.jar`)))) return '';
  if (!findOnPath('apt-get') || !findOnPath('dpkg')) return 'there is no apt-get to get Debian’s ZooKeeper';
  return getInto(join(ZOOKEEPER_38_LIB, '..'), 'Debian’s ZooKeeper 3.8', (work) => {
    downloadPackages(work);
    for (const file of readdirSync(work).filter((name) => name.endsWith('.deb'))) {
      execFileSync('dpkg', ['-x', join(work, file), join(work, 'root')], { stdio: 'pipe' });
      rmSync(join(work, file));
    }
    const from = join(work, 'root/usr/share/java');
    mkdirSync(join(work, 'lib'));
    for (const name of DEBIAN_JARS) copyFileSync(join(from, `${name}.jar`), join(work, 'lib', `${name}.jar`));
    rmSync(join(work, 'root'), { recursive: true, force: true });
  });
}

function downloadPackages(cwd: string): void {
  const download = (): Buffer => execFileSync('apt-get', ['download', ...DEBIAN_PACKAGES], { cwd, stdio: 'pipe' });
  try {
    download();
  } catch {
    // A bare machine has no package lists yet.
    if (process.getuid?.() === 0) execFileSync('apt-get', ['update'], { stdio: 'pipe' });
    download();
  }
}

/** Whole or not at all: another run may look at the same time. */
function getInto(home: string, what: string, get: (work: string) => void): string {
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, 'zookeeper-'));
  try {
    console.error(`setup: getting ${what} into ${home}`);
    get(work);
    rmSync(home, { recursive: true, force: true });
    renameSync(work, home);
    return '';
  } catch (error) {
    return `${what} could not be had: ${error instanceof Error ? error.message.split('\n')[0] : error}`;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Only a CI machine is changed, and only by root. */
function needPrograms(): string {
  if (findOnPath('java') && findOnPath('mvn')) return '';
  const lacking = 'java and mvn are not both on the PATH';
  if (process.env.CI !== 'true' || process.getuid?.() !== 0) return `${lacking} (installed only by root with CI=true)`;
  if (!findOnPath('apt-get')) return `${lacking}, and there is no apt-get to get them`;
  const apt = (...args: readonly string[]): Buffer =>
    execFileSync('apt-get', [...args], { stdio: 'pipe', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
  try {
    console.error('setup: installing default-jre-headless and maven');
    apt('update');
    apt('install', '-y', '--no-install-recommends', 'default-jre-headless', 'maven');
    return '';
  } catch (error) {
    return `${lacking}, and could not be installed: ${error instanceof Error ? error.message.split('\n')[0] : error}`;
  }
}
