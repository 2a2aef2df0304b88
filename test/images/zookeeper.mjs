/**
 * ZooKeeper as the test set-up got it from Maven Central, with this machine's Java, started as in the official image: by
 * `zkServer.sh start-foreground FILE`, which here is a few lines of our own.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { copyProgram } from './programs.mjs';

const VERSION = '3.9.5';
const jars = join(
  process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'),
  'firedrill',
  `zookeeper-${VERSION}`,
  'lib',
);
/** Raise it when the contents change: the tag is the cache's key. */
const BUILD = 1;

const ZK_SERVER = `#!/bin/sh
exec /jre/bin/java $SERVER_JVMFLAGS $JVMFLAGS -cp '/zookeeper/lib/*' org.apache.zookeeper.server.quorum.QuorumPeerMain "$2"
`;

export const zookeeperImage = {
  tag: () => `firedrill/zookeeper:${VERSION}-${BUILD}`,
  fill: (root) => {
    if (!existsSync(jars)) throw new Error(`ZooKeeper ${VERSION} is not in the cache: ${jars}`);
    cpSync(jars, join(root, 'zookeeper', 'lib'), { recursive: true });
    copyJava(root);
    copyProgram('/bin/sh', root, '/bin');
    const script = join(root, 'usr', 'local', 'bin', 'zkServer.sh');
    mkdirSync(dirname(script), { recursive: true });
    writeFileSync(script, ZK_SERVER);
    chmodSync(script, 0o755);
  },
};

/** What runs, without what only builds; and the libraries that all of it loads. */
function copyJava(root) {
  const java = realpathSync(execFileSync('sh', ['-c', 'command -v java'], { encoding: 'utf8' }).trim());
  const home = join(dirname(java), '..');
  // Some of it are links to files of other packages, some to nothing.
  const filter = (file) => existsSync(file) && !/\/(?:src\.zip|ct\.sym)$/.test(file);
  for (const folder of ['lib', 'conf']) {
    cpSync(join(home, folder), join(root, 'jre', folder), { recursive: true, dereference: true, filter });
  }
  copyProgram(java, root, '/jre/bin');
  const scratch = join(root, 'scratch');
  for (const name of readdirSync(join(home, 'lib'), { recursive: true })) {
    if (String(name).endsWith('.so')) copyProgram(join(home, 'lib', String(name)), root, '/scratch');
  }
  rmSync(scratch, { recursive: true });
}
