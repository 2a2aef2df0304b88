/** What real etcd does on a full disk, and what the undo makes of it. */
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pollUntil, systemClock } from '../../src/core/clock.js';
import type { DriverName, NodeSpec } from '../../src/core/drill.js';
import type { FaultRequest, UndoData, World } from '../../src/core/fault.js';
import { agreedLeader, readMembers } from '../../src/core/members.js';
import { faults } from '../../src/faults/index.js';
import { missingLab, type StartedLab, startLab } from '../support/cluster.js';
import { post } from '../truth/plain-node.js';
import { encode } from '../truth/read-lies.js';
import { expectSame, stateOf } from './state.js';

const LAB = 'etcd-3-small-disks';
const noDocker = process.env.FIREDRILL_MISSING_DOCKER;
const found = faults.find('node.disk-full');
if (found === undefined) throw new Error('there is no node.disk-full');
const fault = found;

describe.each([
  ['process', 25_340, missingLab(LAB)],
  ['docker', 25_400, missingLab(LAB) ?? noDocker ?? null],
] as const)('%s', (driver, port, missing) => {
  describe.skipIf(missing !== null)(missing ?? 'etcd on a full disk', () => inLab(driver, port));
});

function inLab(driver: DriverName, port: number): void {
  let lab: StartedLab;
  let world: World;
  beforeAll(async () => {
    const env = { ...process.env, FIREDRILL_IMAGE_ETCD: process.env.FIREDRILL_TEST_IMAGE_ETCD };
    lab = await startLab(LAB, port, env, driver);
    world = {
      cluster: lab.cluster,
      clock: systemClock,
      stateDir: await mkdtemp(join(tmpdir(), 'firedrill-disk-full-')),
    };
  });
  afterAll(async () => {
    await lab?.stop();
    if (world !== undefined) await rm(world.stateDir, { recursive: true, force: true });
  });

  const nodes = (): readonly NodeSpec[] => lab.cluster.binding.nodes;
  async function roles(): Promise<{ readonly leader: NodeSpec; readonly followers: readonly NodeSpec[] }> {
    const { value: name } = await pollUntil(
      async () => agreedLeader(await readMembers(lab.cluster.registry, { limitMs: 500 })),
      (seen) => seen !== null,
      { clock: systemClock, withinMs: 15_000, everyMs: 50 },
    );
    const leader = nodes().find((node) => node.name === name);
    if (leader === undefined) throw new Error('no leader');
    return { leader, followers: nodes().filter((node) => node !== leader) };
  }
  async function fill(hit: readonly NodeSpec[]): Promise<UndoData> {
    const data = await fault.prepare(world, { nodes: hit, params: {}, step: 'break' });
    await fault.inject(world, data);
    expect(await fault.confirm(world, data)).toMatchObject({ bitten: true });
    return data;
  }
  const put = (node: NodeSpec, n: number): Promise<boolean> =>
    post(`${node.url}/v3/kv/put`, { key: encode(`/firedrill-test/${n}`), value: encode('x'.repeat(512)) }).then(
      () => true,
      () => false,
    );
  /** Writes through that node until the other is gone: how many were acknowledged. */
  async function writeUntilGone(through: NodeSpec, hit: NodeSpec): Promise<number> {
    for (let n = 0; n < 2_000; n += 1) {
      expect(await put(through, n), `write ${n} through ${through.name}`).toBe(true);
      if ((await lab.cluster.driver.inspect(hit)).state === 'gone') return n;
    }
    throw new Error(`${hit.name} still runs`);
  }
  const forget = (node: NodeSpec): Promise<unknown> =>
    post(`${node.url}/v3/kv/deleterange`, { key: encode('/firedrill-test/'), range_end: encode('/firedrill-test0') });

  it('a follower ends at its next commits, the others serve on; with room it has all of it again', async () => {
    const { leader, followers } = await roles();
    const [hit] = followers;
    if (hit === undefined) throw new Error('no follower');
    const before = await stateOf(world);
    const data = await fill([hit]);
    const written = await writeUntilGone(leader, hit);
    expect(written).toBeLessThan(1_000);
    if (driver === 'docker') await expectRestarting(hit);
    for (let n = 0; n < 20; n += 1) expect(await put(leader, n)).toBe(true);

    const reverted = await fault.revert(world, data);
    expect(reverted, reverted.detail.en).toMatchObject({ reverted: true, nothingToDo: false });
    expect(reverted.detail.en).toMatch(/has room again; .*differs from before: n\d is another process/);
    expect(await fault.residue(world, data)).toEqual([]);
    expect(await fault.revert(world, data)).toMatchObject({ reverted: true, nothingToDo: true });
    await forget(leader);
    await expectSame(world, before, 'disk-full');
  });

  it('with the leader’s disk full another node leads', async () => {
    const { leader, followers } = await roles();
    const before = await stateOf(world);
    const data = await fill([leader]);
    await pollUntil(
      async () => {
        for (const [n, follower] of followers.entries()) await put(follower, n);
        return (await lab.cluster.driver.inspect(leader)).state;
      },
      (state) => state === 'gone',
      { clock: systemClock, withinMs: 10_000, everyMs: 5 },
    );
    const now = await roles();
    expect(now.leader.name).not.toBe(leader.name);
    expect(await fault.revert(world, data)).toMatchObject({ reverted: true });
    await forget(now.leader);
    await expectSame(world, before, 'disk-full');
  });

  it('a node that was started on the full disk ends again; one that runs is left running by the undo', async () => {
    const { leader, followers } = await roles();
    const [hit, quiet] = followers;
    if (hit === undefined || quiet === undefined) throw new Error('no followers');
    const untouched = await lab.cluster.driver.inspect(quiet);
    const data = await fill([hit]);
    await writeUntilGone(leader, hit);
    const started = await lab.cluster.driver.start(hit).then(
      () => 'started',
      () => 'ended',
    );
    if (started === 'started') await writeUntilGone(leader, hit);
    expect(await fault.revert(world, data)).toMatchObject({ reverted: true });
    const idle = await fill([quiet]);
    const reverted = await fault.revert(world, idle);
    expect(reverted.detail.en).toMatch(/has room again; running already/);
    expect(await lab.cluster.driver.inspect(quiet)).toEqual(untouched);
    await forget(leader);
  });

  it('is refused in plan on a disk that is large, shared, or somewhere else', async () => {
    const [first, second] = nodes();
    if (first === undefined || second === undefined) throw new Error('no nodes');
    const asked = (changed: NodeSpec, params: FaultRequest['params'] = {}) => {
      const all = nodes().map((node) => (node.name === changed.name ? changed : node));
      const cluster = { ...lab.cluster, binding: { ...lab.cluster.binding, nodes: all } };
      return fault.missing?.(cluster, { nodes: [changed], params });
    };
    expect(await asked(first)).toBeNull();
    expect((await asked(first, { atMostMiB: 100 }))?.en).toMatch(/n1: its disk has 256 MiB, and at most 100/);
    expect((await asked({ ...first, data: second.data ?? '' }))?.en).toMatch(/its disk is also the one of n2/);
    expect((await asked({ ...first, data: process.cwd() }))?.en).toMatch(/root file system.*etcd-3-small-disks/);
    expect((await asked({ ...first, data: '/no/such' }))?.en).toMatch(/no \/no\/such on this machine/);
    const { data: _, ...dataless } = first;
    expect((await asked(dataless))?.en).toMatch(/add “data”/);
    const own = { ...world, stateDir: dirname(first.data ?? '') };
    await expect(fault.prepare(own, { nodes: [first], params: {}, step: 'break' })).rejects.toThrow('state folder');
  });

  it('says so when the disk got room from elsewhere: that is no full disk', async () => {
    const [hit] = nodes();
    const data = await fill(hit === undefined ? [] : [hit]);
    const ballast = JSON.stringify(data.disks).match(/"ballast":"([^"]+)"/)?.[1] ?? '';
    writeFileSync(ballast, '');
    expect(await fault.confirm(world, data)).toMatchObject({ bitten: false });
    rmSync(ballast);
    expect(await fault.revert(world, data)).toMatchObject({ reverted: true });
    expect(await fault.residue(world, data)).toEqual([]);
  });
}

/** Its restart policy acts, in vain: the engine waits longer before each start. */
async function expectRestarting({ find }: NodeSpec): Promise<void> {
  const name = find.by === 'container' ? find.container : '';
  const format = '{{.State.Restarting}} {{.RestartCount}}';
  const look = (): string => execFileSync('docker', ['inspect', '--format', format, name], { encoding: 'utf8' }).trim();
  await expect.poll(look, { timeout: 15_000 }).toMatch(/^true [3-9]/);
}
