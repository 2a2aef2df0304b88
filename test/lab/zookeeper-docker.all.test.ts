/** The labs of ZooKeeper in containers: up, twice, hurt, down; nothing is left in the engine. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock as clock, pollUntil } from '../../src/core/clock.js';
import { invariant } from '../../src/core/errors.js';
import type { World } from '../../src/core/fault.js';
import type { LabState } from '../../src/core/lab.js';
import { createLabs, labUndoer } from '../../src/lab/index.js';
import { registries } from '../../src/registries/index.js';
import { dockerDriver as driverOf } from '../../src/targets/docker/driver.js';
import { plainTree } from '../support/plain-zookeeper.js';

const dockerDriver = driverOf(process.env);
const missing = process.env.FIREDRILL_MISSING_DOCKER ?? process.env.FIREDRILL_MISSING_IMAGE_ZOOKEEPER ?? null;
const BASE_PORT = 23_100;
const LIMIT = { limitMs: 5_000 };
const docker = (...args: readonly string[]): string => execFileSync('docker', args, { encoding: 'utf8' }).trim();
const held = (): readonly string[] => [
  docker('ps', '-a', '--filter', `name=-${BASE_PORT}`, '--format', '{{.Names}}'),
  docker('network', 'ls', '--filter', `name=-${BASE_PORT}`, '--format', '{{.Name}}'),
  docker('volume', 'ls', '-q'),
];
const pidsOf = (state: LabState | null): readonly (number | null)[] => (state?.nodes ?? []).map(({ pid }) => pid);

let parent = '';
let stateRoot = '';
let before: readonly string[] = [];

function labNamed(name: string) {
  const driver = registries.find('zookeeper');
  invariant(driver, 'there is an adapter');
  const env = { ...process.env, FIREDRILL_IMAGE_ZOOKEEPER: process.env.FIREDRILL_TEST_IMAGE_ZOOKEEPER };
  const lab = createLabs({ basePort: BASE_PORT, env, connect: async (binding) => driver.connect(binding) }).find(name);
  invariant(lab, `there is a lab ${name}`);
  return lab;
}

describe.skipIf(missing !== null)(`labs of ZooKeeper in containers ${missing ?? ''}`, () => {
  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'firedrill-lab-'));
    stateRoot = join(parent, 'state');
    before = held();
  });
  afterEach(async () => {
    for (const kind of [
      ['rm', '-fv'],
      ['network', 'rm'],
    ] as const) {
      const list = kind[0] === 'rm' ? ['ps', '-aq'] : ['network', 'ls', '-q'];
      const ids = docker(...list, '--filter', `name=-${BASE_PORT}`)
        .split('\n')
        .filter(Boolean);
      if (ids.length > 0) docker(...kind, ...ids);
    }
    await rm(parent, { recursive: true, force: true });
  });

  test.each(['zookeeper-3', 'zookeeper-3-default-timers'])(
    '%s: up, up again, down: it takes writes, names its leader, leaves nothing',
    async (name) => {
      const lab = labNamed(name);
      expect(lab.drivers).toEqual(['docker', 'process']);
      expect(await lab.usualDriver()).toBe('docker');
      const first = await lab.up(stateRoot, undefined, 'docker');
      expect(pidsOf(first).every((pid) => pid !== null)).toBe(true);
      const nodes = first.nodes.map(({ pid: _, ...node }) => node);
      const trees = await Promise.all(nodes.map(({ url }) => plainTree(url, ['/services', '/settings'])));
      expect(trees[0]).toHaveLength(9);
      expect(trees).toEqual([trees[0], trees[0], trees[0]]);

      // A client of its own for each node: none has learnt a name from another.
      const leaders = await Promise.all(
        nodes.map(async (node) => {
          const registry = registries.find('zookeeper')?.connect({ nodes, prefix: '/services/', product: 'zookeeper' });
          const status = await registry?.client(node.name).status(LIMIT);
          registry?.close();
          return status?.outcome === 'ok' ? status.value.leader : null;
        }),
      );
      expect(new Set(leaders).size).toBe(1);
      expect(nodes.map((node) => node.name)).toContain(leaders[0]);

      expect(pidsOf(await lab.up(stateRoot))).toEqual(pidsOf(first));
      const [node] = nodes;
      invariant(node?.data, 'a node has data');
      expect(readdirSync(node.data).some((file) => file.startsWith('log.'))).toBe(true);
      expect(docker('port', `firedrill-${name}-${BASE_PORT}-n1`)).not.toContain('0.0.0.0');
      expect(await lab.down(stateRoot)).toBe(true);
      expect(held()).toEqual(before);
      expect(readdirSync(parent)).toEqual([]);
      expect(await lab.down(stateRoot)).toBe(false);
    },
  );

  test('a crash is repaired by the engine; a killed, an emptied and a paused node do not keep `up` or `down` from their work', async () => {
    const lab = labNamed('zookeeper-3');
    const { nodes } = await lab.up(stateRoot, undefined, 'docker');
    const [first, second, third] = nodes;
    invariant(first && second?.data && third, 'it has nodes');
    expect(await dockerDriver.killInPlace?.(first)).toBe(true);
    const back = await pollUntil(
      () => dockerDriver.inspect(first),
      (state) => state.state === 'running' && state.pid !== first.pid,
      { clock, withinMs: 10_000, everyMs: 20 },
    );
    expect(back.reached).toBe(true);
    await dockerDriver.signal(second, 'SIGKILL');
    await rm(second.data, { recursive: true });
    const again = await lab.up(stateRoot);
    expect(pidsOf(again)).not.toContain(null);
    expect(await plainTree(second.url, ['/services'])).toHaveLength(7);
    await dockerDriver.signal(third, 'SIGSTOP');
    expect(await lab.down(stateRoot)).toBe(true);
    expect(held()).toEqual(before);
  });

  test('an interrupted start leaves nothing; the undoer takes it down without a record', async () => {
    const lab = labNamed('zookeeper-3');
    for (const afterMs of [0, 700]) {
      const interrupt = new AbortController();
      const rising = lab.up(stateRoot, interrupt.signal, 'docker');
      setTimeout(() => interrupt.abort(), afterMs);
      await expect(rising).rejects.toMatchObject({ code: 'lab-interrupted' });
      expect(held()).toEqual(before);
      expect(existsSync(stateRoot)).toBe(false);
    }
    await lab.up(stateRoot, undefined, 'docker');
    await writeFile(join(stateRoot, 'labs', 'zookeeper-3', 'lab.json'), '{"nodes":');
    const undoer = labUndoer(stateRoot);
    // A lab is undone without looking at a cluster.
    const world = {} as World;
    expect(await undoer.revert(world, { lab: 'zookeeper-3' })).toMatchObject({ reverted: true, nothingToDo: false });
    expect(await undoer.residue(world, { lab: 'zookeeper-3' })).toEqual([]);
    expect(held()).toEqual(before);
  });
});
