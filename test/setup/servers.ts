/**
 * Gets what the tests need and puts it on the PATH: Debian's etcd is unpacked into the cache, without installing it and
 * without root. What cannot be had is told in FIREDRILL_MISSING_*; the tests that need it are skipped with that reason,
 * and with CI=true a skip is a failure (test/setup/closing-line.ts).
 */
import { execFileSync } from 'node:child_process';
import { delimiter } from 'node:path';
import { getAge } from './age.js';
import { findOnPath } from './cache.js';
import { type DebianPrograms, unpackDebian } from './debian.js';
import { setupDocker } from './docker.js';
import { getEtcd36 } from './etcd.js';
import { getS3 } from './s3.js';
import { getToxiproxy } from './toxiproxy.js';
import { getZookeeper, getZookeeper38 } from './zookeeper.js';

const DEBIAN_ETCD: DebianPrograms = {
  folder: 'etcd-debian',
  packages: ['etcd-server', 'etcd-client'],
  programs: ['etcd', 'etcdctl'],
};

export async function setup(): Promise<() => Promise<void>> {
  const etcd = findOnPath('etcd') && findOnPath('etcdctl') ? '' : unpackDebian(DEBIAN_ETCD);
  if (etcd.startsWith('/')) process.env.PATH = `${etcd}${delimiter}${process.env.PATH ?? ''}`;
  else if (etcd !== '') process.env.FIREDRILL_MISSING_ETCD = etcd;
  const chromium = findOnPath('chromium') ? '' : installChromium();
  if (chromium !== '') process.env.FIREDRILL_MISSING_CHROMIUM = chromium;
  return process.env.FIREDRILL_TESTS === 'all' ? setupMore() : async () => {};
}

/** What only `npm run test:all` needs. */
async function setupMore(): Promise<() => Promise<void>> {
  const missing = {
    AGE: getAge(),
    ETCD_36: getEtcd36(),
    S3: getS3(),
    TOXIPROXY: getToxiproxy(),
    ZOOKEEPER: getZookeeper(),
    ZOOKEEPER_38: getZookeeper38(),
  };
  for (const [what, why] of Object.entries(missing)) if (why !== '') process.env[`FIREDRILL_MISSING_${what}`] = why;
  return setupDocker();
}

/** Only a CI machine is changed, and only by root; elsewhere a browser that is there is used. */
function installChromium(): string {
  if (process.env.CI !== 'true' || process.getuid?.() !== 0)
    return 'chromium is not on the PATH (it is installed only by root with CI=true)';
  if (!findOnPath('apt-get')) return 'chromium is not on the PATH, and there is no apt-get to get it';
  const install = (): Buffer =>
    execFileSync('apt-get', ['install', '-y', '--no-install-recommends', 'chromium', 'fonts-noto-cjk'], {
      stdio: 'pipe',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  try {
    console.error("setup: installing Debian's chromium and fonts-noto-cjk");
    execFileSync('apt-get', ['update'], { stdio: 'pipe' });
    install();
    return '';
  } catch (error) {
    return `Debian's chromium could not be installed: ${error instanceof Error ? error.message.split('\n')[0] : error}`;
  }
}
