/**
 * A Docker engine of a test's own, which may be stopped and started: never the one that others use. Root only. It is in
 * a network namespace of its own: it would change bridges and packet rules of the machine's engine. Who wants to reach
 * its containers has to be in there too: `inside` before the argv.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pollUntil, systemClock } from '../../src/core/clock.js';

export interface PrivateEngine {
  readonly host: string;
  readonly inside: readonly string[];
  readonly docker: (...args: readonly string[]) => string;
  readonly start: () => Promise<void>;
  /** SIGTERM: it ends its containers first. */
  readonly stop: () => Promise<void>;
  /** With all that it holds. */
  readonly dispose: () => Promise<void>;
}

const UP_WITHIN_MS = 60_000;
const DOWN_WITHIN_MS = 60_000;

/** Why there can be none here; null = there can. */
export const missingPrivateEngine = (): string | null =>
  process.env.FIREDRILL_MISSING_DOCKER ?? (process.getuid?.() === 0 ? null : 'only root can start an engine');

/** Not started yet. `more` = further options of dockerd. */
export function privateEngine(name: string, more: readonly string[] = []): PrivateEngine {
  const dir = mkdtempSync(join(tmpdir(), `${name}-`));
  const host = `unix://${join(dir, 'docker.sock')}`;
  const env = { ...process.env, DOCKER_HOST: host };
  const docker = (...args: readonly string[]): string =>
    execFileSync('docker', args, { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  const inside = ['nsenter', `--net=/run/netns/${name}`];
  let daemon: ChildProcess | null = null;
  const over = (): boolean => daemon === null || daemon.exitCode !== null || daemon.signalCode !== null;

  async function stop(): Promise<void> {
    if (over()) return;
    daemon?.kill('SIGTERM');
    await until(over, DOWN_WITHIN_MS, 'dockerd did not end');
  }
  async function start(): Promise<void> {
    if (!existsSync(`/run/netns/${name}`)) {
      ip('netns', 'add', name);
      ip('-n', name, 'link', 'set', 'lo', 'up');
    }
    daemon = startDaemon({ name, dir, inside, more });
    await until(() => over() || answers(docker), UP_WITHIN_MS, 'dockerd did not come up');
    if (over()) throw new Error(readFileSync(join(dir, 'log'), 'utf8').split('\n').slice(-5).join('\n'));
  }
  async function dispose(): Promise<void> {
    await stop();
    if (existsSync(`/run/netns/${name}`)) ip('netns', 'del', name);
    rmSync(dir, { recursive: true, force: true });
  }
  return { host, inside, docker, start, stop, dispose };
}

const ip = (...args: readonly string[]): unknown => execFileSync('ip', args);

function startDaemon(how: {
  readonly name: string;
  readonly dir: string;
  readonly inside: readonly string[];
  readonly more: readonly string[];
}): ChildProcess {
  const { name, dir, inside, more } = how;
  const log = openSync(join(dir, 'log'), 'a');
  const args = [
    ...['--data-root', join(dir, 'data'), '--exec-root', join(dir, 'exec'), '--pidfile', join(dir, 'pid')],
    ...['--host', `unix://${join(dir, 'docker.sock')}`],
    ...['--containerd-namespace', name, '--containerd-plugins-namespace', `${name}-plugins`, ...more],
  ];
  const PATH = [process.env.PATH ?? '', '/usr/local/sbin', '/usr/sbin', '/sbin'].join(delimiter);
  const daemon = spawn(inside[0] ?? '', [...inside.slice(1), 'dockerd', ...args], {
    stdio: ['ignore', log, log],
    env: { ...process.env, PATH },
  });
  closeSync(log);
  return daemon;
}

function answers(docker: PrivateEngine['docker']): boolean {
  try {
    docker('version');
    return true;
  } catch {
    return false;
  }
}

async function until(done: () => boolean, withinMs: number, why: string): Promise<void> {
  const limits = { clock: systemClock, withinMs, everyMs: 100 };
  const { reached } = await pollUntil(async () => done(), Boolean, limits);
  if (!reached) throw new Error(`${why} within ${withinMs} ms`);
}

/** From the engine that the other tests use. */
export function copyImage(to: PrivateEngine, image: string): void {
  const saved = execFileSync('docker', ['save', image], { maxBuffer: 2 ** 30 });
  execFileSync('docker', ['load'], { input: saved, env: { ...process.env, DOCKER_HOST: to.host }, stdio: 'pipe' });
}
