/**
 * Gets what the tests need and puts it on the PATH: Debian's etcd is unpacked into the cache, without installing it and
 * without root. What cannot be had is told in FIREDRILL_MISSING_*; the tests that need it are skipped with that reason,
 * and with CI=true a skip is a failure (test/setup/closing-line.ts).
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { cache, findOnPath } from './cache.js';
import { setupDocker } from './docker.js';
import { getEtcd36 } from './etcd.js';
import { getS3 } from './s3.js';
import { getToxiproxy } from './toxiproxy.js';
import { getZookeeper, getZookeeper38 } from './zookeeper.js';

export async function setup(): Promise<() => Promise<void>> {
  const etcd = findOnPath('etcd') && findOnPath('etcdctl') ? '' : unpackDebianEtcd();
  if (etcd.startsWith('/')) process.env.PATH = `${etcd}${delimiter}${process.env.PATH ?? ''}`;
  else if (etcd !== '') process.env.FIREDRILL_MISSING_ETCD = etcd;
  const chromium = findOnPath('chromium') ? '' : installChromium();
  if (chromium !== '') process.env.FIREDRILL_MISSING_CHROMIUM = chromium;
  return process.env.FIREDRILL_TESTS === 'all' ? setupMore() : async () => {};
}

/** What only `npm run test:all` needs. */
async function setupMore(): Promise<() => Promise<void>> {
  const missing = {
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

/** The folder with `etcd` and `etcdctl`, or why it cannot be had. */
function unpackDebianEtcd(): string {
  const home = join(cache, 'etcd-debian');
  const bin = join(home, 'usr', 'bin');
  if (existsSync(join(bin, 'etcd')) && existsSync(join(bin, 'etcdctl'))) return bin;
  if (!findOnPath('apt-get') || !findOnPath('dpkg'))
    return 'etcd is not on the PATH, and there is no apt-get to get it';
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(tmpdir(), 'firedrill-etcd-'));
  try {
    console.error(`setup: unpacking Debian's etcd-server and etcd-client into ${home}`);
    downloadPackages(work);
    for (const file of readdirSync(work).filter((name) => name.endsWith('.deb'))) {
      execFileSync('dpkg', ['-x', join(work, file), join(work, 'root')], { stdio: 'pipe' });
    }
    renameOrCopy(join(work, 'root'), home);
    return bin;
  } catch (error) {
    return `Debian's etcd-server could not be downloaded: ${error instanceof Error ? error.message.split('\n')[0] : error}`;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function downloadPackages(cwd: string): void {
  const download = (): Buffer =>
    execFileSync('apt-get', ['download', 'etcd-server', 'etcd-client'], { cwd, stdio: 'pipe' });
  try {
    download();
  } catch {
    // A bare machine has no package lists yet.
    if (process.getuid?.() === 0) execFileSync('apt-get', ['update'], { stdio: 'pipe' });
    download();
  }
}

function renameOrCopy(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  try {
    renameSync(from, to);
  } catch {
    execFileSync('cp', ['-a', from, to]);
  }
}
