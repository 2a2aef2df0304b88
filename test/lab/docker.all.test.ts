/** The lab etcd-3 in containers: up, twice, restored, down; nothing is left in the engine. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock as clock, pollUntil } from '../../src/core/clock.js';
import { invariant } from '../../src/core/errors.js';
import type { World } from '../../src/core/fault.js';
import type { Lab, LabState } from '../../src/core/lab.js';
import { createLabs, labUndoer } from '../../src/lab/index.js';
import { registries } from '../../src/registries/index.js';
import { dockerDriver as driverOf } from '../../src/targets/docker/driver.js';

const dockerDriver = driverOf(process.env);
const missing = process.env.FIREDRILL_MISSING_DOCKER ?? process.env.FIREDRILL_MISSING_ETCD ?? null;
const BASE_PORT = 25_100;
const NAME = `firedrill-etcd-3-${BASE_PORT}`;
const LIMIT = { limitMs: 2_000 };
const docker = (...args: readonly string[]): string => execFileSync('docker', args, { encoding: 'utf8' }).trim();

let parent = '';
let stateRoot = '';

/** All that this engine holds, but for what other tests may bring and take meanwhile. */
const held = (): readonly string[] => [
  docker('ps', '-a', '--filter', `name=${NAME}`, '--format', '{{.Names}}'),
  docker('network', 'ls', '--filter', `name=${NAME}`, '--format', '{{.Name}}'),
  docker('volume', 'ls', '-q'),
];

const env = (image = process.env.FIREDRILL_TEST_IMAGE_ETCD): Readonly<Record<string, string | undefined>> => ({
  ...process.env,
  FIREDRILL_IMAGE_ETCD: image,
});

function labWith(image?: string): Lab {
  const lab = createLabs({ basePort: BASE_PORT, env: env(image) }).find('etcd-3');
  invariant(lab, 'there is a lab etcd-3');
  return lab;
}

const pidsOf = (state: LabState | null): readonly (number | null)[] => (state?.nodes ?? []).map((node) => node.pid);

describe.skipIf(missing !== null)(`lab etcd-3 in containers ${missing ?? ''}`, () => {
  let before: readonly string[] = [];
  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'firedrill-lab-'));
    stateRoot = join(parent, 'state');
    before = held();
  });
  afterEach(async () => {
    for (const id of docker('ps', '-aq', '--filter', `name=${NAME}`).split('\n').filter(Boolean)) {
      docker('rm', '-fv', id);
    }
    for (const id of docker('network', 'ls', '-q', '--filter', `name=${NAME}`).split('\n').filter(Boolean)) {
      docker('network', 'rm', id);
    }
    await rm(parent, { recursive: true, force: true });
  });

  test('docker is usual where its image is there; process where it is not', async () => {
    const lab = labWith();
    expect(lab.drivers).toEqual(['docker', 'process']);
    expect(await lab.usualDriver()).toBe('docker');
    expect(await lab.missing('docker')).toBeNull();
    const other = labWith('firedrill/none:0');
    expect(await other.usualDriver()).toBe('process');
    expect(await other.missing('docker')).toMatchObject({ en: expect.stringContaining('FIREDRILL_IMAGE_ETCD') });
  });

  test('up, up again, down: it takes writes, keeps its containers, leaves nothing', async () => {
    const lab = labWith();
    const first = await lab.up(stateRoot, undefined, 'docker');
    expect(first).toMatchObject({ name: 'etcd-3', driver: 'docker' });
    expect(pidsOf(first).every((pid) => pid !== null)).toBe(true);
    const nodes = first.nodes.map(({ pid: _, ...node }) => node);
    const registry = registries.find('etcd')?.connect({ nodes, prefix: '/services/', product: 'etcd' });
    for (const node of registry?.nodes ?? []) {
      const entry = { service: 'order-service', instance: node, value: 'mine' };
      expect(await registry?.client(node).register(entry, LIMIT)).toMatchObject({ outcome: 'ok' });
    }
    expect(pidsOf(await lab.up(stateRoot))).toEqual(pidsOf(first));
    expect(await lab.state(stateRoot)).toEqual(first);
    const kept = await registry?.client('n1').discover('order-service', LIMIT);
    expect(kept?.outcome === 'ok' && kept.value.length).toBe(6);
    registry?.close();
    await expect(lab.up(stateRoot, undefined, 'process')).rejects.toMatchObject({ code: 'lab-other-driver' });

    expect(await lab.down(stateRoot)).toBe(true);
    expect(await lab.state(stateRoot)).toBeNull();
    expect(held()).toEqual(before);
    expect(readdirSync(parent)).toEqual([]);
    expect(await lab.down(stateRoot)).toBe(false);
  });

  test('addresses are fixed, the data lies in the state folder, only loopback can reach the clients', async () => {
    const lab = labWith();
    const { nodes } = await lab.up(stateRoot, undefined, 'docker');
    const [node] = nodes;
    invariant(node?.data, 'a node has data');
    expect(existsSync(join(node.data, 'member'))).toBe(true);
    const addresses = await dockerDriver.network?.attached(node);
    expect(addresses).toMatchObject([{ network: NAME, fixedAddress: new URL(node.peerUrl ?? '').hostname }]);
    expect(docker('port', `${NAME}-n1`)).toBe(`2379/tcp -> 127.0.0.1:${new URL(node.url).port}`);
    await lab.down(stateRoot);
  });

  test('a killed node comes back with `up`; a paused one does not keep `down` from its work', async () => {
    const lab = labWith();
    const { nodes } = await lab.up(stateRoot, undefined, 'docker');
    const [first, second] = nodes;
    invariant(first && second, 'it has nodes');
    await dockerDriver.signal(first, 'SIGKILL');
    const again = await lab.up(stateRoot);
    expect(pidsOf(again).slice(1)).toEqual(pidsOf({ ...again, nodes }).slice(1));
    expect(again.nodes[0]?.pid).not.toBeNull();
    await dockerDriver.signal(second, 'SIGSTOP');
    expect(await lab.down(stateRoot)).toBe(true);
    expect(held()).toEqual(before);
  });

  test('an interrupted start leaves nothing', async () => {
    const lab = labWith();
    for (const afterMs of [0, 300, 1_000]) {
      const interrupt = new AbortController();
      const rising = lab.up(stateRoot, interrupt.signal, 'docker');
      setTimeout(() => interrupt.abort(), afterMs);
      await expect(rising).rejects.toMatchObject({ code: 'lab-interrupted' });
      expect(held()).toEqual(before);
      expect(existsSync(stateRoot)).toBe(false);
    }
  });

  test('the undoer takes it down without a record, and sees what is left', async () => {
    const lab = labWith();
    await lab.up(stateRoot, undefined, 'docker');
    await writeFile(join(stateRoot, 'labs', 'etcd-3', 'lab.json'), '{"nodes":');
    const undoer = labUndoer(stateRoot);
    // A lab is undone without looking at a cluster.
    const world = {} as World;
    expect((await undoer.residue(world, { lab: 'etcd-3' })).length).toBe(5);
    expect(await undoer.revert(world, { lab: 'etcd-3' })).toMatchObject({ reverted: true, nothingToDo: false });
    expect(await undoer.residue(world, { lab: 'etcd-3' })).toEqual([]);
    expect(held()).toEqual(before);
  });

  test('refused before anything is made: a taken port, a name that is somebody else’s, an image that cannot be had', async () => {
    const port = BASE_PORT + 27;
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    try {
      await expect(labWith().up(stateRoot, undefined, 'docker')).rejects.toMatchObject({
        code: 'port-taken',
        text: { en: expect.stringContaining(`${port}`) },
      });
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
    const image = process.env.FIREDRILL_TEST_IMAGE_ETCD ?? '';
    docker('create', '--name', `${NAME}-n2`, '--label', 'com.docker.compose.project=shop', image, 'etcd');
    await expect(labWith().up(stateRoot, undefined, 'docker')).rejects.toMatchObject({
      code: 'container-name-taken',
      text: { en: expect.stringContaining('shop'), zh: expect.stringContaining('shop') },
    });
    docker('rm', `${NAME}-n2`);
    // Nobody listens there: a registry that cannot be reached, without leaving this machine.
    await expect(labWith('127.0.0.1:25998/etcd:0').up(stateRoot, undefined, 'docker')).rejects.toMatchObject({
      code: 'image-missing',
      text: { en: expect.stringContaining('127.0.0.1:25998/etcd:0') },
      hint: { en: expect.stringContaining('FIREDRILL_IMAGE_ETCD') },
    });
    expect(held()).toEqual(before);
    expect(existsSync(stateRoot)).toBe(false);
  });

  test('a crash of a node is repaired by the engine, a kill through it is not', async () => {
    const lab = labWith();
    const { nodes } = await lab.up(stateRoot, undefined, 'docker');
    const [node] = nodes;
    invariant(node, 'it has nodes');
    expect(await dockerDriver.killInPlace?.(node)).toBe(true);
    const back = await pollUntil(
      () => dockerDriver.inspect(node),
      (state) => state.state === 'running' && state.pid !== node.pid,
      { clock, withinMs: 10_000, everyMs: 20 },
    );
    expect(back.reached).toBe(true);
    await dockerDriver.signal(node, 'SIGKILL');
    await clock.sleep(1_000);
    expect(await dockerDriver.inspect(node)).toEqual({ state: 'gone' });
    await lab.down(stateRoot);
  });
});
