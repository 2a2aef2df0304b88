/**
 * Docker for the tests: a running engine is used; on a CI machine root installs Debian's docker.io and starts dockerd,
 * which is ended with the tests. The images are built from packages (test/images). What cannot be had is told in
 * FIREDRILL_MISSING_DOCKER.
 */
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'firedrill');
const READY_WITHIN_MS = 60_000;
const IMAGES = join(import.meta.dirname, '..', 'images', 'build.mjs');

/**
 * Sets FIREDRILL_TEST_IMAGE_ETCD and _NET, or FIREDRILL_MISSING_DOCKER; and FIREDRILL_TEST_IMAGE_ZOOKEEPER, or
 * FIREDRILL_MISSING_IMAGE_ZOOKEEPER. Returns what ends the engine it started.
 */
export async function setupDocker(): Promise<() => Promise<void>> {
  let stop = async (): Promise<void> => {};
  try {
    if (engineProblem() !== null) stop = await startEngine();
    const said = execFileSync(process.execPath, [IMAGES, 'etcd', 'net'], { encoding: 'utf8', stdio: 'pipe' });
    const images: { readonly etcd: string; readonly net: string } = JSON.parse(said);
    process.env.FIREDRILL_TEST_IMAGE_ETCD = images.etcd;
    process.env.FIREDRILL_TEST_IMAGE_NET = images.net;
    // As a user would name it: the command line and the drivers of tests look for it there.
    process.env.FIREDRILL_IMAGE_NET ??= images.net;
    buildZookeeper();
  } catch (error) {
    process.env.FIREDRILL_MISSING_DOCKER = firstLineOf(error);
  }
  return stop;
}

/** Its jars may be missing where everything else is there. */
function buildZookeeper(): void {
  try {
    const said = execFileSync(process.execPath, [IMAGES, 'zookeeper'], { encoding: 'utf8', stdio: 'pipe' });
    const images: { readonly zookeeper: string } = JSON.parse(said);
    process.env.FIREDRILL_TEST_IMAGE_ZOOKEEPER = images.zookeeper;
  } catch (error) {
    process.env.FIREDRILL_MISSING_IMAGE_ZOOKEEPER = firstLineOf(error);
  }
}

/** Null = an engine answers. */
function engineProblem(): string | null {
  if (!onPath('docker')) return 'docker is not on the PATH';
  try {
    execFileSync('docker', ['version', '--format', '{{.Server.Version}}'], { stdio: 'pipe' });
    return null;
  } catch (error) {
    return `no Docker engine answers: ${firstLineOf(error)}`;
  }
}

/** Only a CI machine is changed, and only by root. */
async function startEngine(): Promise<() => Promise<void>> {
  const why = engineProblem();
  if (process.env.CI !== 'true' || process.getuid?.() !== 0) {
    throw new Error(`${why} (it is installed and started only by root with CI=true)`);
  }
  if (!onPath('dockerd')) installEngine();
  const home = join(cache, 'dockerd');
  mkdirSync(home, { recursive: true });
  const log = openSync(join(home, 'dockerd.log'), 'w');
  console.error(`setup: starting dockerd, its log is ${join(home, 'dockerd.log')}`);
  const daemon = spawn('dockerd', ['--data-root', join(home, 'data'), '--pidfile', join(home, 'dockerd.pid')], {
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const ended = new Promise<void>((resolve) => {
    daemon.once('exit', () => resolve());
    daemon.once('error', () => resolve());
  });
  const stop = async (): Promise<void> => {
    if (daemon.exitCode === null && daemon.pid !== undefined) daemon.kill('SIGTERM');
    await ended;
  };
  if (await answersInTime(daemon)) return stop;
  await stop();
  const said = readFileSync(join(home, 'dockerd.log'), 'utf8').trim().split('\n').slice(-3).join(' ');
  throw new Error(`dockerd did not come up: ${said}`);
}

async function answersInTime(daemon: { readonly exitCode: number | null }): Promise<boolean> {
  const until = performance.now() + READY_WITHIN_MS;
  while (performance.now() < until && daemon.exitCode === null) {
    if (engineProblem() === null) return true;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return false;
}

function installEngine(): void {
  if (!onPath('apt-get')) throw new Error('docker is not on the PATH, and there is no apt-get to get it');
  console.error("setup: installing Debian's docker.io and iptables");
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  execFileSync('apt-get', ['update'], { stdio: 'pipe' });
  execFileSync('apt-get', ['install', '-y', '--no-install-recommends', 'docker.io', 'iptables'], {
    stdio: 'pipe',
    env,
  });
}

const SYSTEM_DIRS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];
const onPath = (program: string): boolean =>
  [...(process.env.PATH ?? '').split(delimiter), ...SYSTEM_DIRS].some((dir) => existsSync(join(dir, program)));

const firstLineOf = (error: unknown): string => {
  const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
  const words = said === '' ? (error instanceof Error ? error.message : String(error)) : said;
  return words.split('\n').at(-1) ?? words;
};
