/** `doctor --target`: each thing that can be wrong with a target, as one sentence with what to do. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer as createHttp } from 'node:http';
import { createServer as createTcp, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliHome, cliHome, type Ended, until } from '../support/cli.js';
import { missingLab } from '../support/cluster.js';
import { post } from '../truth/plain-node.js';
import { writeDrill } from './scene.js';
import { engineOf } from './stub-engine.js';

const PORT = 21_600;
const missing = missingLab('etcd-3');

let home: CliHome;
const children: ChildProcess[] = [];
const servers: Server[] = [];
beforeAll(() => {
  home = cliHome(PORT);
});
afterAll(async () => {
  for (const child of children) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  for (const server of servers) server.close();
  await home.dispose();
});

interface Told {
  readonly code: number | null;
  /** Of the findings about the target: `node n1: …`. */
  readonly bad: readonly string[];
  readonly fixes: readonly string[];
}

async function doctorOn(target: object, env: NodeJS.ProcessEnv = {}): Promise<Told> {
  const path = join(home.dir, 'target.yaml');
  writeFileSync(path, JSON.stringify({ target }));
  const { code, stdout, stderr } = await home.start(['doctor', '--target', path, '--json'], { env }).ended;
  if (!stdout.startsWith('{')) throw new Error(stderr);
  const { findings } = JSON.parse(stdout);
  const bad = findings.filter(
    ({ ok, check }: { ok: boolean; check: string }) => !ok && /^(node |cluster|target)/.test(check),
  );
  for (const { text, fix } of bad) expect([text.zh, fix?.en, fix?.zh].every((part) => part?.length > 0)).toBe(true);
  return {
    code,
    bad: bad.map(({ check, text }: { check: string; text: { en: string } }) => `${check}: ${text.en}`),
    fixes: bad.map(({ fix }: { fix: { en: string } }) => fix.en),
  };
}

const planOn = (target: object): Promise<Ended> =>
  home.run(
    'plan',
    writeDrill(home, {
      id: 'planned',
      target,
      environment: { name: 'shop', production: false },
      execute: [{ check: 'registry.leader' }],
    }),
  );

/** Nodes of which only the address is looked at. */
const at = (registry: string, ...urls: readonly string[]): object => ({
  registry,
  driver: 'command',
  commands: { status: ['true'] },
  nodes: urls.map((url, index) => ({ name: `n${index + 1}`, url })),
});

async function serve(server: Server, port: number): Promise<string> {
  servers.push(server);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${port}`;
}

describe('what answers is something else', () => {
  test('ZooKeeper where the file says etcd', async () => {
    const said = 'Zookeeper version: 3.9.5-0, built on 2026\nZxid: 0x1\nMode: follower\nNode count: 5\n';
    const server = createTcp((socket) =>
      socket.on('error', () => {}).once('data', (word) => socket.end(word.toString().trim() === 'srvr' ? said : '')),
    );
    const url = await serve(server, PORT + 40);
    const { code, bad, fixes } = await doctorOn(at('etcd', url));
    expect(bad).toEqual([`node n1: the file says etcd, but zookeeper 3.9.5 answers at 127.0.0.1:${PORT + 40}`]);
    expect(fixes[0]).toContain('registry: zookeeper');
    expect(code).toBe(1);
  });

  test('a web server', async () => {
    const url = await serve(
      createHttp((_, answer) => {
        answer.statusCode = 404;
        answer.end('<html>no such page</html>');
      }),
      PORT + 41,
    );
    expect((await doctorOn(at('etcd', url))).bad).toEqual([
      expect.stringMatching(/node n1: what answers at 127\.0\.0\.1:\d+ is no etcd: 404/),
    ]);
    expect((await doctorOn(at('zookeeper', url))).bad).toEqual([
      expect.stringMatching(/node n1: .*127\.0\.0\.1:\d+.* no.*/),
    ]);
  });

  test('an etcd that is too old, also for plan', async () => {
    const url = await serve(
      createHttp((request, answer) => {
        const known = request.url === '/version';
        answer.statusCode = known ? 200 : 404;
        answer.end(known ? '{"etcdserver":"3.2.26","etcdcluster":"3.2.0"}' : 'page not found');
      }),
      PORT + 42,
    );
    const { bad, fixes } = await doctorOn(at('etcd', url));
    expect(bad).toEqual(['node n1: etcd 3.2.26 is too old: Firedrill understands 3.4 and newer.']);
    expect(fixes).toEqual(['Upgrade it.']);
  });
});

describe('the nodes are not there', () => {
  test('nothing listens; the process, the container is missing', async () => {
    const nowhere = `http://127.0.0.1:${PORT + 50}`;
    expect((await doctorOn(at('etcd', nowhere))).bad).toEqual([`node n1: nothing listens at 127.0.0.1:${PORT + 50}`]);
    const own = { name: 'n1', url: nowhere, argument: join(home.dir, 'nobody'), start: ['etcd'] };
    const process = await doctorOn({ registry: 'etcd', driver: 'process', nodes: [own] });
    expect(process.bad[0]).toMatch(/node n1: it does not run: no process has “.*nobody” among its arguments/);
    const inContainer = { name: 'n1', url: nowhere, container: 'etcd-9' };
    const engine = await engineOf(home, { containers: [] });
    const docker = await doctorOn({ registry: 'etcd', driver: 'docker', nodes: [inContainer] }, engine.env);
    await engine.close();
    expect(docker.bad).toEqual(['node n1: n1: there is no container etcd-9.']);
    expect(docker.fixes).toEqual(['`docker ps -a` shows which there are.']);
  });
});

describe.skipIf(missing !== null)(`real etcd ${missing ?? ''}`, () => {
  const urls = [PORT + 1, PORT + 3].map((port) => `http://127.0.0.1:${port}`);
  const [first = '', second = ''] = urls;

  beforeAll(async () => {
    for (const [index, url] of urls.entries()) {
      const peer = `http://127.0.0.1:${PORT + 2 * index + 2}`;
      const options = {
        name: `e${index}`,
        'data-dir': join(home.dir, `etcd-${index}`),
        'listen-client-urls': url,
        'advertise-client-urls': url,
        'listen-peer-urls': peer,
        'initial-advertise-peer-urls': peer,
        'initial-cluster': `e${index}=${peer}`,
      };
      const flags = Object.entries(options).map(([flag, value]) => `--${flag}=${value}`);
      children.push(spawn('etcd', flags, { stdio: 'ignore', env: home.env }));
    }
    for (const url of urls)
      await until(`${url} leads`, () => post(`${url}/v3/kv/range`, { key: 'YQ==' }).catch(() => null));
  });

  test('half of the nodes', async () => {
    const { code, bad } = await doctorOn(at('etcd', first, `http://127.0.0.1:${PORT + 50}`));
    expect(bad).toEqual([
      `node n2: nothing listens at 127.0.0.1:${PORT + 50}`,
      'cluster: 1 of 2 nodes answer (n1); n2 do not',
    ]);
    expect(code).toBe(1);
  });

  test('nodes of two clusters', async () => {
    expect((await doctorOn(at('etcd', first, second))).bad).toEqual([
      expect.stringMatching(/^cluster: the nodes are of 2 clusters: n1 \([0-9a-f]+\) and n2 \([0-9a-f]+\)$/),
    ]);
    const plan = await planOn(at('etcd', first, second));
    expect(plan.stderr).toMatch(/The nodes are of 2 clusters: n1 \(.*\) and n2/);
    expect(plan.code).toBe(4);
  });

  test('etcd where the file says ZooKeeper', async () => {
    expect((await doctorOn(at('zookeeper', first.replace('http', 'zookeeper')))).bad).toEqual([
      expect.stringMatching(/^node n1: the file says zookeeper, but etcd 3\.\d+\.\d+ answers at/),
    ]);
  });

  test('TLS is asked for, and it speaks none', async () => {
    expect((await doctorOn(at('etcd', first.replace('http', 'https')))).bad).toEqual([
      expect.stringMatching(/^node n1: 127\.0\.0\.1:\d+ does not speak TLS, but its url says https:\/\//),
    ]);
  });

  test('a login is wanted, and none is given', async () => {
    await post(`${second}/v3/auth/user/add`, { name: 'root', password: 'secret' });
    await post(`${second}/v3/auth/role/add`, { name: 'root' });
    await post(`${second}/v3/auth/user/grant`, { user: 'root', role: 'root' });
    await post(`${second}/v3/auth/enable`, {});
    const { bad, fixes } = await doctorOn(at('etcd', second));
    expect(bad).toEqual([expect.stringMatching(/^node n1: .* wants a login, and none was given$/)]);
    expect(fixes[0]).toContain('credentials');
    const plan = await planOn(at('etcd', second));
    expect(plan.stderr).toMatch(/n1 refuses to be read below \/services\/: .*user name is empty/);
    expect(plan.stderr).toContain('credentials: { file: FILE }');
    expect(plan.code).toBe(4);
    const file = join(home.dir, 'etcd.secret');
    const withLogin = { ...at('etcd', second), credentials: { file } };
    writeFileSync(file, 'user: root\npassword: wrong\n');
    expect((await doctorOn(withLogin)).bad).toEqual([
      expect.stringMatching(/^node n1: .* refuses this user and password$/),
    ]);
    const wrong = await planOn(withLogin);
    expect(wrong.stderr).toMatch(/n1 refuses to be read below .*could not log in/);
    expect(wrong.stderr).not.toContain('wrong');
    expect(wrong.code).toBe(4);
    writeFileSync(file, 'user: root\npassword: secret\n');
    expect((await doctorOn(withLogin)).bad).toEqual([]);
    expect((await planOn(withLogin)).code).toBe(0);
  });
});
