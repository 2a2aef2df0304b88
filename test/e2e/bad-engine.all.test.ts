/** Bad input of drills on containers and of labs: exit 4, a sentence that says what to do, before anything is broken. */

import { once } from 'node:events';
import { accessSync, chmodSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliHome, cliHome, cliPath, type Ended } from '../support/cli.js';
import { stateIsClean, writeDrill } from './scene.js';
import { engineOf } from './stub-engine.js';

const PORT = 21_560;
const NOBODY = 65_534;

let home: CliHome;
beforeAll(() => {
  home = cliHome(PORT);
});
afterAll(() => home.dispose());

const drillOn = (node: object): string =>
  writeDrill(home, {
    id: 'on-containers',
    environment: { name: 'shop', production: false },
    target: { registry: 'etcd', driver: 'docker', nodes: [{ name: 'n1', url: `http://127.0.0.1:${PORT}`, ...node }] },
    execute: [{ inject: 'node.kill', on: { name: 'n1' } }],
  });

interface Expected {
  readonly en: RegExp;
  readonly zh: RegExp;
  /** What to do. */
  readonly fix: RegExp;
}

/** `plan` and `run` refuse alike, in both languages, and leave nothing. */
async function refused(node: object, env: NodeJS.ProcessEnv, expected: Expected): Promise<void> {
  const file = drillOn(node);
  const inEnglish = await home.start(['plan', file], { env }).ended;
  expect(inEnglish.stderr).toMatch(expected.en);
  expect(inEnglish.stderr).toMatch(expected.fix);
  expect(inEnglish.code).toBe(4);
  const run = await home.start(['run', file, '--confirm=shop', '--lang', 'zh', '--out', home.reports], { env }).ended;
  expect(run.stderr).toMatch(expected.zh);
  expect(run.stderr).not.toContain('    at ');
  expect(run.code).toBe(4);
  expect(stateIsClean(home)).toBe(true);
}

describe('a drill on containers', () => {
  const container = { container: 'etcd-1' };

  test('no Docker', () =>
    refused(
      container,
      { DOCKER_HOST: `unix://${join(home.dir, 'nothing.sock')}` },
      {
        en: /No Docker engine answers at unix:.*nothing\.sock/,
        zh: /没有可用的 Docker 引擎/,
        fix: /systemctl start docker/,
      },
    ));

  test('an old API', async () => {
    const engine = await engineOf(home, { containers: [], apiVersion: '1.24' });
    await refused(container, engine.env, {
      en: /speaks API 1\.24; Firedrill needs 1\.40/,
      zh: /使用 API 1\.24/,
      fix: /Update the engine/,
    });
    await engine.close();
  });

  test('a container that is not there, and one of another project', async () => {
    const labels = { 'com.docker.compose.project': 'bank', 'com.docker.compose.service': 'etcd' };
    const seen = { Id: 'a'.repeat(64), Names: ['/bank_etcd_1'], Labels: labels, State: 'running', Image: 'etcd' };
    const engine = await engineOf(home, { containers: [seen] });
    await refused({ container: 'bank_etcd_2' }, engine.env, {
      en: /n1: there is no container bank_etcd_2/,
      zh: /没有容器 bank_etcd_2/,
      fix: /Did you mean “bank_etcd_1”/,
    });
    await refused({ compose: 'shop/etcd' }, engine.env, {
      en: /n1: no container has compose service shop\/etcd/,
      zh: /没有容器带有compose 服务 shop\/etcd/,
      fix: /Another project has that service: bank \(bank_etcd_1\)/,
    });
    await engine.close();
  });
});

describe.skipIf(process.getuid?.() !== 0)('no permission on the socket of the engine', () => {
  test('as another user', async () => {
    const engine = await engineOf(home, { containers: [] });
    const socket = engine.env.DOCKER_HOST.slice('unix://'.length);
    chmodSync(home.dir, 0o755);
    chmodSync(socket, 0o600);
    const file = drillOn({ container: 'etcd-1' });
    // As root without the right to pass over permissions where nobody else can read this checkout.
    const who = everybodyReads(cliPath)
      ? [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups']
      : ['--bounding-set=-dac_override,-dac_read_search', `--reuid=0`];
    if (!everybodyReads(cliPath)) chmodSync(socket, 0o000);
    const argv = ['setpriv', ...who, process.execPath, cliPath, 'plan', file];
    const env = { ...engine.env, FIREDRILL_STATE: join(home.dir, 'of-nobody') };
    const { stderr, code }: Ended = await home.startProgram(argv, { env }).ended;
    expect(stderr).toMatch(/The Docker engine at unix:.* may not be used by this user/);
    expect(stderr).toMatch(/usermod -aG docker/);
    expect(code).toBe(4);
    await engine.close();
  });
});

/** Every folder above it, and itself, by anybody. */
function everybodyReads(path: string): boolean {
  for (let at = path; at !== dirname(at); at = dirname(at)) {
    if ((statSync(at).mode & 0o005) !== 0o005 && at !== path) return false;
  }
  accessSync(path, constants.R_OK);
  return (statSync(path).mode & 0o004) !== 0;
}

describe('a lab', () => {
  test('a port in use: named, with how to see by whom; nothing is left', async () => {
    const server = createServer().listen(PORT + 1, '127.0.0.1');
    await once(server, 'listening');
    for (const lang of ['en', 'zh']) {
      const { code, stderr } = await home.run('lab', 'up', 'antietcd-3', '--lang', lang);
      expect(stderr).toContain(String(PORT + 1));
      expect(stderr).toContain(`ss -ltnp 'sport = :${PORT + 1}'`);
      expect(code).toBe(4);
    }
    server.close();
    await once(server, 'close');
    expect(existsSync(join(home.state, 'labs')) ? readdirSync(join(home.state, 'labs')) : []).toEqual([]);
  });

  test('containers are asked for and there is no Docker', async () => {
    const env = { DOCKER_HOST: `unix://${join(home.dir, 'nothing.sock')}` };
    const { code, stderr } = await home.start(['lab', 'up', 'etcd-3', '--driver', 'docker'], { env }).ended;
    expect(stderr).toMatch(/No Docker engine answers/);
    expect(stderr).toMatch(/systemctl start docker/);
    expect(code).toBe(4);
    const drill = writeDrill(home, {
      id: 'on-lab',
      target: { registry: 'etcd', lab: 'etcd-3', driver: 'docker' },
      execute: [{ inject: 'node.kill', on: { role: 'leader' } }],
    });
    const run = await home.start(['run', drill, '--out', home.reports], { env }).ended;
    expect(run.stderr).toMatch(/No Docker engine answers/);
    expect(run.code).toBe(4);
    expect(stateIsClean(home)).toBe(true);
  });
});
