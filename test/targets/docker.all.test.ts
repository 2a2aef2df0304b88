import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { missingAbility } from '../../src/core/abilities.js';
import { systemClock as clock, pollUntil } from '../../src/core/clock.js';
import { requireEngine } from '../../src/core/container-engine.js';
import type { NodeSpec } from '../../src/core/drill.js';
import { readProcess } from '../../src/core/process-table.js';
import { dockerDriver } from '../../src/targets/docker/driver.js';
import { drivers } from '../../src/targets/index.js';
import { driverContract, until } from './contract.js';

const driver = dockerDriver(process.env);
const missing = process.env.FIREDRILL_MISSING_DOCKER ?? null;
const image = process.env.FIREDRILL_TEST_IMAGE_NET ?? '';
const LABEL = `firedrill.test=d1-${process.pid}`;
/** A first process has to ask for SIGTERM itself: without a handler the kernel drops it. */
const STAY = 'trap "exit 0" TERM; echo ready; while :; do sleep 1 & wait $!; done';

const docker = (...args: readonly string[]): string => execFileSync('docker', args, { encoding: 'utf8' }).trim();

let count = 0;
function make(script = STAY, ...options: readonly string[]): NodeSpec {
  count += 1;
  const container = `fd-d1-${process.pid}-${count}`;
  docker('create', '--name', container, '--label', LABEL, ...options, '--entrypoint', 'sh', image, '-c', script);
  return { name: `n${count}`, url: `http://127.0.0.1:${count}`, find: { by: 'container', container }, start: [] };
}
const nameOf = (node: NodeSpec): string => (node.find.by === 'container' ? node.find.container : '');

async function cleanUp(): Promise<void> {
  const ids = docker('ps', '-aq', '--filter', `label=${LABEL}`).split('\n').filter(Boolean);
  if (ids.length > 0) docker('rm', '-fv', ...ids);
  const networks = docker('network', 'ls', '-q', '--filter', `label=${LABEL}`).split('\n').filter(Boolean);
  if (networks.length > 0) docker('network', 'rm', ...networks);
}

test('is in the catalog', () => expect(drivers.names).toContain('docker'));

describe.skipIf(missing !== null)(`docker ${missing ?? ''}`, () => {
  driverContract(driver, {
    make: async () => make(),
    makeBroken: async () => make('echo no such thing >&2; exit 3'),
    logOf: async (node) => docker('logs', nameOf(node)),
    cleanUp,
  });

  describe('docker driver', () => {
    afterEach(cleanUp);

    test('a container that was removed is gone; starting it says so', async () => {
      const node = make();
      await driver.start(node);
      docker('rm', '-f', nameOf(node));
      expect(await driver.inspect(node)).toEqual({ state: 'gone' });
      expect(await driver.signal(node, 'SIGKILL')).toBe(false);
      await expect(driver.start(node)).rejects.toMatchObject({ text: { en: expect.stringContaining(nameOf(node)) } });
    });

    test('its pid is the host’s', async () => {
      const started = await driver.start(make());
      expect(started.state === 'gone' ? null : readProcess(started.pid)?.argv[0]).toBe('sh');
    });

    test('a kill through the engine keeps it down whatever its policy; one in place is repaired', async () => {
      const node = make(STAY, '--restart', 'always');
      const first = await driver.start(node);
      expect(await driver.restartPolicy?.(node)).toEqual({ name: 'always', bringsBack: true });
      expect(await missingAbility(driver, node, 'killInPlace')).toBeNull();
      expect(await driver.killInPlace?.(node)).toBe(true);
      const back = await pollUntil(
        () => driver.inspect(node),
        (state) => state.state === 'running' && first.state !== 'gone' && state.pid !== first.pid,
        { clock, withinMs: 5_000, everyMs: 10 },
      );
      expect(back.reached).toBe(true);
      expect(await driver.signal(node, 'SIGKILL')).toBe(true);
      await clock.sleep(1_000);
      expect(await driver.inspect(node)).toEqual({ state: 'gone' });
      expect(await driver.killInPlace?.(node)).toBe(false);
    });

    test('without a policy nothing brings it back', async () => {
      expect(await driver.restartPolicy?.(make())).toEqual({ name: 'no', bringsBack: false });
    });

    test('stop and restart', async () => {
      const node = make();
      const first = await driver.start(node);
      const second = await driver.restart?.(node, 1_000);
      expect(second).toMatchObject({ state: 'running' });
      expect(second).not.toEqual(first);
      expect(await driver.stop?.(node, 1_000)).toBe(true);
      expect(await driver.inspect(node)).toEqual({ state: 'gone' });
      expect(await driver.stop?.(node, 1_000)).toBe(false);
    });

    test('exec: what a program in it says, and its exit code', async () => {
      const node = make();
      await driver.start(node);
      const result = await driver.exec?.(node, ['sh', '-c', 'echo out; echo err >&2; exit 7']);
      expect(result).toEqual({ exitCode: 7, stdout: 'out\n', stderr: 'err\n' });
    });

    test('a helper in its network namespace cuts it off, and leaves no container', async () => {
      const [node, peer] = [make(), make()];
      await driver.start(node);
      await driver.start(peer);
      const [on] = (await driver.network?.attached(peer)) ?? [];
      const address = on?.address ?? '';
      const ping = async (): Promise<number | undefined> =>
        (await driver.runInNetworkOf?.(node, { image, argv: ['ping', '-c', '1', '-W', '1', address] }))?.exitCode;
      expect(await ping()).toBe(0);
      const rule = ['INPUT', '-s', address, '-m', 'comment', '--comment', 'firedrill', '-j', 'DROP'];
      const cut = await driver.runInNetworkOf?.(node, { image, argv: ['iptables', '-A', ...rule] });
      expect(cut).toEqual({ exitCode: 0, stdout: '', stderr: '' });
      expect(await ping()).toBe(1);
      await driver.runInNetworkOf?.(node, { image, argv: ['iptables', '-D', ...rule] });
      expect(await ping()).toBe(0);
      expect(docker('ps', '-aq', '--filter', 'label=firedrill.helper')).toBe('');
    });

    test('a helper that cannot be: no image, no program, no running node', async () => {
      const node = make();
      const command = { image, argv: ['nonexistent-program'] };
      await expect(driver.runInNetworkOf?.(node, command)).rejects.toMatchObject({ code: 'node-not-running' });
      await driver.start(node);
      await expect(driver.runInNetworkOf?.(node, command)).rejects.toMatchObject({
        text: { en: expect.stringContaining('nonexistent-program') },
      });
      const noImage = { image: 'firedrill/none:0', argv: ['true'] };
      await expect(driver.runInNetworkOf?.(node, noImage)).rejects.toMatchObject({
        code: 'helper-image-missing',
        text: { en: expect.stringContaining('firedrill/none:0') },
      });
      expect(docker('ps', '-aq', '--filter', 'label=firedrill.helper')).toBe('');
    });

    test('network: taken off, put back with the address and the aliases it had', async () => {
      const network = `fd-d1-net-${process.pid}`;
      const subnet = '172.31.251';
      docker('network', 'create', '--label', LABEL, '--subnet', `${subnet}.0/24`, network);
      const node = make(STAY, '--network', network, '--ip', `${subnet}.7`, '--network-alias', 'n1');
      await driver.start(node);
      const [before] = (await driver.network?.attached(node)) ?? [];
      if (before === undefined) throw new Error('it is on a network');
      expect(before).toMatchObject({ network, address: `${subnet}.7`, fixedAddress: `${subnet}.7` });
      expect(await driver.network?.disconnect(node, before)).toBe(true);
      expect(await driver.network?.attached(node)).toEqual([]);
      expect(await driver.network?.disconnect(node, before)).toBe(false);
      expect(await driver.network?.connect(node, before)).toBe(true);
      const [after] = (await driver.network?.attached(node)) ?? [];
      expect(after).toMatchObject({ network, address: `${subnet}.7`, aliases: expect.arrayContaining(['n1']) });
      expect(await driver.network?.connect(node, before)).toBe(false);
    });

    test('limits: set, read, lifted', async () => {
      const node = make();
      await driver.start(node);
      expect(await driver.limits?.read(node)).toEqual({ cpus: 0, memoryBytes: 0 });
      await driver.limits?.set(node, { cpus: 0.5, memoryBytes: 64 * 2 ** 20 });
      expect(await driver.limits?.read(node)).toEqual({ cpus: 0.5, memoryBytes: 64 * 2 ** 20 });
      await driver.limits?.set(node, { cpus: 0, memoryBytes: 0 });
      expect(await driver.limits?.read(node)).toEqual({ cpus: 0, memoryBytes: 0 });
    });

    test('limits of a container that was made with some', async () => {
      const node = make(STAY, '--cpus', '1.5', '--memory', '100m');
      await driver.start(node);
      const before = await driver.limits?.read(node);
      expect(before).toEqual({ cpus: 1.5, memoryBytes: 100 * 2 ** 20 });
      await driver.limits?.set(node, { cpus: 0.2, memoryBytes: 50 * 2 ** 20 });
      expect(await driver.limits?.read(node)).toEqual({ cpus: 0.2, memoryBytes: 50 * 2 ** 20 });
      await driver.limits?.set(node, before ?? {});
      expect(await driver.limits?.read(node)).toEqual(before);
    });

    test('news: stamped with our clock, before the engine has answered the kill', async () => {
      const node = make();
      await driver.start(node);
      const watch = await driver.watch?.([node], clock);
      const sentMs = clock.monotonicMs();
      await driver.signal(node, 'SIGSTOP');
      const paused = await watch?.next(node.name, 'pause', 2_000);
      expect(paused?.receivedMs).toBeGreaterThan(sentMs);
      expect(await watch?.next(node.name, 'die', 50)).toBeNull();
      await driver.signal(node, 'SIGKILL');
      const returnedMs = clock.monotonicMs();
      const died = await watch?.next(node.name, 'die', 2_000);
      expect(died?.receivedMs).toBeLessThan(returnedMs + 50);
      expect(watch?.news().map(({ action }) => action)).toContain('kill');
      watch?.close();
    });

    test('its end is known while the engine still cleans up; an older end is not this one', async () => {
      const node = make();
      const first = await driver.start(node);
      if (first.state === 'gone') throw new Error('it runs');
      expect(await driver.ended?.(node, first)).toBe(false);
      await driver.signal(node, 'SIGKILL');
      expect(await driver.ended?.(node, first)).toBe(true);
      const second = await driver.start(node);
      if (second.state === 'gone') throw new Error('it runs');
      expect(await driver.ended?.(node, first)).toBe(true);
      expect(await driver.ended?.(node, second)).toBe(false);
    });

    test('files in and out, also of a container that does not run', async () => {
      const node = make('echo before > /tmp/file; sleep 0.2');
      await driver.start(node).catch(() => {});
      await until(driver, node, 'gone');
      expect((await driver.files?.read(node, '/tmp/file'))?.toString()).toBe('before\n');
      await driver.files?.write(node, '/tmp/file', Buffer.from('after\n'));
      expect((await driver.files?.read(node, '/tmp/file'))?.toString()).toBe('after\n');
      expect(await driver.files?.read(node, '/tmp/none')).toBeNull();
    });

    test('found by name, by label, by compose service; each becomes a name', async () => {
      const compose = ['--label', 'com.docker.compose.project=shop', '--label', 'com.docker.compose.service=etcd'];
      const [named, labelled, service] = [make(), make(STAY, '--label', 'fd=n2'), make(STAY, ...compose)];
      const bound = await driver.bind?.([
        named,
        { ...labelled, find: { by: 'container-label', label: 'fd=n2' } },
        { ...service, find: { by: 'compose', project: 'shop', service: 'etcd' } },
      ]);
      expect(bound).toEqual([named, labelled, service]);
    });

    test('none or several are refused, with what is there', async () => {
      const compose = ['--label', 'com.docker.compose.project=shop', '--label', 'com.docker.compose.service=etcd'];
      const [first, second] = [make(STAY, ...compose), make(STAY, ...compose)];
      const bind = (find: NodeSpec['find']): Promise<unknown> => Promise.resolve(driver.bind?.([{ ...first, find }]));
      await expect(bind({ by: 'compose', project: 'shop', service: 'etcd' })).rejects.toMatchObject({
        code: 'container-ambiguous',
        text: { en: expect.stringContaining(nameOf(second)), zh: expect.stringContaining(nameOf(first)) },
      });
      await expect(bind({ by: 'compose', project: 'shopp', service: 'etcd' })).rejects.toMatchObject({
        code: 'container-missing',
        hint: { en: expect.stringMatching(/Another project has that service: shop/) },
      });
      await expect(bind({ by: 'container', container: 'etcd' })).rejects.toMatchObject({
        hint: { en: expect.stringContaining('compose: shop/etcd') },
      });
      await expect(bind({ by: 'container', container: `${nameOf(first)}x` })).rejects.toMatchObject({
        code: 'container-missing',
        hint: { en: expect.stringContaining('Did you mean') },
      });
      await expect(driver.bind?.([first, { ...first, name: 'other' }])).rejects.toMatchObject({
        code: 'container-twice',
      });
    });
  });
});

describe('an engine that cannot be used is told in a sentence', () => {
  const dirs: string[] = [];
  const servers: Server[] = [];
  const before = process.env.DOCKER_HOST;
  afterEach(async () => {
    if (before === undefined) delete process.env.DOCKER_HOST;
    else process.env.DOCKER_HOST = before;
    for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
  });
  afterAll(async () => {
    for (const dir of dirs) await rm(dir, { recursive: true, force: true });
  });

  async function socket(): Promise<string> {
    const dir = await mkdtemp(join(tmpdir(), 'firedrill-engine-'));
    dirs.push(dir);
    return join(dir, 'docker.sock');
  }

  test('no Docker', async () => {
    process.env.DOCKER_HOST = `unix://${await socket()}`;
    await expect(requireEngine()).rejects.toMatchObject({
      code: 'docker-missing',
      exit: 'refused',
      text: { en: expect.stringContaining(process.env.DOCKER_HOST), zh: expect.stringContaining('没有可用的 Docker') },
      hint: { en: expect.stringContaining('DOCKER_HOST') },
    });
  });

  test('nobody at a remote address', async () => {
    process.env.DOCKER_HOST = 'tcp://127.0.0.1:25999';
    await expect(requireEngine()).rejects.toMatchObject({
      code: 'docker-missing',
      text: { en: expect.stringContaining('tcp://127.0.0.1:25999') },
    });
  });

  test('an old API', async () => {
    const path = await socket();
    const server = createServer((_, answer) => answer.end(JSON.stringify({ ApiVersion: '1.24' })));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(path, resolve));
    process.env.DOCKER_HOST = `unix://${path}`;
    await expect(requireEngine()).rejects.toMatchObject({
      code: 'docker-too-old',
      text: { en: expect.stringContaining('1.24'), zh: expect.stringContaining('1.24') },
    });
  });

  test.each([
    ['Podman Engine', 'Podman'],
    ['Engine', null],
  ])('%s: whether a helper can be given its rules is told beforehand', async (name, why) => {
    const path = await socket();
    const server = createServer((_, answer) => {
      answer.setHeader('content-type', 'application/json');
      answer.end(JSON.stringify({ ApiVersion: '1.41', Components: [{ Name: name }] }));
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(path, resolve));
    process.env.DOCKER_HOST = `unix://${path}`;
    const node: NodeSpec = { name: 'n1', url: '', find: { by: 'container', container: 'any' }, start: [] };
    const told = await missingAbility(driver, node, 'runInNetworkOf');
    if (why === null) expect(told).toBeNull();
    else expect(told?.en).toContain(why);
  });
});
