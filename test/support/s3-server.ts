/** A real S3 server of a test's own, which may be stopped and started; its buckets are folders that can be read plainly. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VERSITYGW } from '../setup/s3.js';

const ACCESS = { AWS_ACCESS_KEY_ID: 'test-access', AWS_SECRET_ACCESS_KEY: 'test-secret-of-this-run-only' } as const;

export interface S3Server {
  readonly endpoint: string;
  /** The credentials that it accepts, as a program's environment holds them. */
  readonly env: typeof ACCESS;
  /** Makes the bucket; the folder that it is. */
  readonly bucket: (name: string) => string;
  /** The object's bytes, not through S3. */
  readonly plain: (bucket: string, key: string) => Buffer;
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
  readonly dispose: () => Promise<void>;
}

/** Started. */
export async function s3Server(port: number): Promise<S3Server> {
  const dir = mkdtempSync(join(tmpdir(), 'firedrill-s3-'));
  for (const name of ['data', 'meta']) mkdirSync(join(dir, name));
  let child: ChildProcess | null = null;
  const stop = async (): Promise<void> => {
    const running = child;
    child = null;
    if (running === null || running.exitCode !== null || running.signalCode !== null) return;
    const ended = new Promise((resolve) => running.once('exit', resolve));
    running.kill('SIGKILL');
    await ended;
  };
  const start = async (): Promise<void> => {
    const args = ['--quiet', '--port', `127.0.0.1:${port}`, 'posix', '--sidecar', join(dir, 'meta'), join(dir, 'data')];
    const env = { ROOT_ACCESS_KEY: ACCESS.AWS_ACCESS_KEY_ID, ROOT_SECRET_KEY: ACCESS.AWS_SECRET_ACCESS_KEY };
    child = spawn(VERSITYGW, args, { env: { ...process.env, ...env }, stdio: 'ignore' });
    await accepts(port, child);
  };
  await start();
  return {
    endpoint: `http://127.0.0.1:${port}`,
    env: ACCESS,
    bucket: (name) => {
      mkdirSync(join(dir, 'data', name));
      return join(dir, 'data', name);
    },
    plain: (bucket, key) => readFileSync(join(dir, 'data', bucket, key)),
    start,
    stop,
    dispose: async () => {
      await stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function accepts(port: number, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (performance.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`the S3 server ended with ${child.exitCode}`);
    if (await takesConnections(port)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`the S3 server takes no connections on ${port} after 20 s`);
}

const takesConnections = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => resolve(true));
    socket.on('error', () => resolve(false));
    socket.on('close', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
