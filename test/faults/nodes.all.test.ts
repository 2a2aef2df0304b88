/** What single faults promise beyond the contract, on real etcd. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { pollUntil, systemClock } from '../../src/core/clock.js';
import type { NodeSpec, Scalar } from '../../src/core/drill.js';
import type { Fault, UndoData, World } from '../../src/core/fault.js';
import { agreedLeader, readMembers } from '../../src/core/members.js';
import { listProcesses } from '../../src/core/process-table.js';
import { faults } from '../../src/faults/index.js';
import { missingLab, type StartedLab, startLab } from '../support/cluster.js';
import { post } from '../truth/plain-node.js';
import { afterElection } from './contract.js';
import { stateOf } from './state.js';

let lab: StartedLab;
let world: World;
const undo: { readonly fault: Fault; readonly data: UndoData }[] = [];

beforeAll(async () => {
  const stateDir = await mkdtemp(join(tmpdir(), 'firedrill-nodes-'));
  lab = await startLab('etcd-3', 27_160);
  world = { cluster: lab.cluster, clock: systemClock, stateDir };
});
afterAll(async () => {
  await lab?.stop();
  await rm(world.stateDir, { recursive: true, force: true });
});
afterEach(async () => {
  for (const { fault, data } of undo.splice(0)) {
    const reverted = await fault.revert(world, data);
    expect(reverted.reverted, reverted.detail.en).toBe(true);
  }
  await afterElection(world);
});

function fault(name: string): Fault {
  const found = faults.find(name);
  if (found === undefined) throw new Error(`no fault ${name}`);
  return found;
}

async function followers(): Promise<readonly NodeSpec[]> {
  await afterElection(world);
  const leader = agreedLeader(await readMembers(lab.cluster.registry, { limitMs: 1_000 }));
  return lab.cluster.binding.nodes.filter(({ name }) => name !== leader);
}

async function follower(): Promise<NodeSpec> {
  const [node] = await followers();
  if (node === undefined) throw new Error('there is no follower');
  return node;
}

async function inject(
  name: string,
  nodes: readonly NodeSpec[],
  params: Readonly<Record<string, Scalar>> = {},
): Promise<UndoData> {
  const data = await fault(name).prepare(world, { nodes, params, step: 'break' });
  undo.push({ fault: fault(name), data });
  await fault(name).inject(world, data);
  return data;
}

const memberIds = async (): Promise<Readonly<Record<string, string>>> => {
  const [asked] = lab.cluster.binding.nodes;
  const list = await post<{ members: { name: string; ID: string }[] }>(`${asked?.url}/v3/cluster/member/list`, {});
  return Object.fromEntries(list.members.map(({ name, ID }) => [name, ID]));
};
const answers = (node: NodeSpec): Promise<boolean> =>
  post(`${node.url}/v3/maintenance/status`, {}).then(
    () => true,
    () => false,
  );
const runs = (node: NodeSpec): boolean => {
  const text = node.find.by === 'argument' ? node.find.text : '';
  return listProcesses(text).some(({ argv }) => argv.includes(text));
};

describe.skipIf(missingLab('etcd-3') !== null)('on etcd-3', () => {
  it('data.node-wipe: etcd does not come back by a start alone; rejoin makes it a new member with the same content', async () => {
    const before = await stateOf(world);
    const ids = await memberIds();
    const node = await follower();
    const data = await inject('data.node-wipe', [node], { rejoin: true });
    await lab.cluster.driver.start(node).catch(() => undefined);
    const { reached } = await pollUntil(
      async () => runs(node),
      (running) => !running,
      { clock: systemClock, withinMs: 5_000, everyMs: 20 },
    );
    expect(reached, 'a member without its data ends by itself').toBe(true);

    const reverted = await fault('data.node-wipe').revert(world, data);
    expect(reverted.detail.en).toMatch(/was replaced .* differs from before in its member id/);
    const now = await memberIds();
    expect(Object.keys(now).filter((name) => now[name] !== ids[name])).toEqual([node.name]);
    expect(await stateOf(world)).toEqual(before);

    // Its usual start command still says `new`; with data it is not asked.
    await inject('node.restart', [node]);
    expect((await memberIds())[node.name]).toBe(now[node.name]);
    await expect.poll(() => answers(node)).toBe(true);
  });

  it('data.node-wipe: a node that runs again on data from the others does not get its old data back', async () => {
    const node = await follower();
    const data = await inject('data.node-wipe', [node], { rejoin: true });
    const { membership } = lab.cluster.registry;
    const [other] = (await readMembers(lab.cluster.registry, { limitMs: 1_000 })).filter(
      (view) => view.answer.outcome === 'ok',
    );
    // etcd refuses to change its members until it has seen all of them for some seconds.
    const replace = async () => {
      const answer = await membership?.replace(other?.node ?? '', node, { limitMs: 5_000 });
      return answer?.outcome === 'ok' ? answer.value.joining : null;
    };
    let joining: NodeSpec | null = null;
    await expect
      .poll(
        async () => {
          joining = await replace();
          return joining;
        },
        { timeout: 20_000 },
      )
      .not.toBeNull();
    await lab.cluster.driver.start(joining ?? node);
    const reverted = await fault('data.node-wipe').revert(world, data);
    expect(reverted.detail.en).toContain('runs on data it got from the others');
    expect(await fault('data.node-wipe').residue(world, data)).toEqual([]);
  });

  it.each([{ how: 'flip' }, { how: 'cut' }])(
    'data.node-corrupt with %o on the log: the original comes back',
    async (how) => {
      const node = await follower();
      const before = await stateOf(world);
      const data = await inject('data.node-corrupt', [node], { ...how, file: 'wal' });
      expect(data.file).toMatch(/^member\/wal\/.*\.wal$/);
      expect(await fault('data.node-corrupt').confirm(world, data)).toMatchObject({ bitten: true });
      const reverted = await fault('data.node-corrupt').revert(world, data);
      expect(reverted.detail.en).toContain('the original file is back');
      await afterElection(world);
      await expect.poll(() => stateOf(world)).toEqual(before);
    },
  );

  it('data.node-corrupt: etcd refuses to start on a flipped log, and a spoiled original is not put back', async () => {
    const node = await follower();
    const data = await inject('data.node-corrupt', [node], { file: 'wal' });
    await lab.cluster.driver.start(node).catch(() => undefined);
    const { reached } = await pollUntil(
      async () => runs(node),
      (running) => !running,
      { clock: systemClock, withinMs: 5_000, everyMs: 20 },
    );
    expect(reached, 'etcd ends on a damaged log').toBe(true);
    const kept = join(String(data.kept), 'original');
    const original = readFileSync(kept);
    writeFileSync(kept, 'not it');
    expect(await fault('data.node-corrupt').revert(world, data)).toMatchObject({ reverted: false });
    expect(existsSync(kept)).toBe(true);
    writeFileSync(kept, original);
  });

  it('node.rolling-restart: one node at a time is away', async () => {
    let most = 0;
    let over = false;
    const watching = (async () => {
      while (!over) {
        const answered = await Promise.all(lab.cluster.binding.nodes.map(answers));
        most = Math.max(most, answered.filter((ok) => !ok).length);
        await systemClock.sleep(2);
      }
    })();
    await inject('node.rolling-restart', lab.cluster.binding.nodes);
    over = true;
    await watching;
    expect(most).toBe(1);
  });

  it('node.rolling-restart: with one node frozen it touches none of the others', async () => {
    const [frozen, second] = await followers();
    if (frozen === undefined || second === undefined) throw new Error('there are two followers');
    await inject('node.freeze', [frozen]);
    const before = await lab.cluster.driver.inspect(second);
    await expect(inject('node.rolling-restart', [second])).rejects.toThrow('without');
    expect(await lab.cluster.driver.inspect(second)).toEqual(before);
  });

  it('node.rolling-restart: a node that does not come back ends it', async () => {
    const [first, second] = await followers();
    if (first === undefined || second === undefined) throw new Error('there are two followers');
    const before = await lab.cluster.driver.inspect(second);
    const data = await fault('node.rolling-restart').prepare(world, {
      nodes: [first, second],
      params: {},
      step: 'break',
    });
    undo.push({ fault: fault('node.rolling-restart'), data });
    const nodes = lab.cluster.binding.nodes.map((node) =>
      node.name === first.name ? { ...node, start: ['false'] } : node,
    );
    const broken = { ...world, cluster: { ...lab.cluster, binding: { ...lab.cluster.binding, nodes } } };
    await expect(fault('node.rolling-restart').inject(broken, data)).rejects.toThrow('could not be started');
    expect(await lab.cluster.driver.inspect(second)).toEqual(before);
  });

  it('registry.flood ends by itself, and at once when it is undone', async () => {
    const held = async (service: string): Promise<number> => {
      const answer = await lab.cluster.registry.client('n1').discover(service, { limitMs: 2_000 });
      return answer.outcome === 'ok' ? answer.value.length : -1;
    };
    const short = String((await inject('registry.flood', [], { rate: 500, count: 100 })).service);
    await expect.poll(() => held(short), { timeout: 5_000 }).toBe(100);
    const long = await inject('registry.flood', [], { rate: 200, count: 20_000 });
    await expect.poll(() => held(String(long.service)), { timeout: 5_000 }).toBeGreaterThan(50);
    expect(await fault('registry.flood').revert(world, long)).toMatchObject({ reverted: true });
    await systemClock.sleep(300);
    expect(await held(String(long.service))).toBe(0);
  });

  it('etcd.quota-exhausted is refused in plan when filling would take too much', async () => {
    const why = await fault('etcd.quota-exhausted').missing?.(lab.cluster, { nodes: [], params: { atMostMiB: 4 } });
    expect(why?.en).toMatch(/has room for \d+ MiB, and at most 4 MiB may be written/);
  });

  it('data.instances-deregister takes leased ones only when told so, and does not claim to put them back', async () => {
    const client = lab.cluster.registry.client('n1');
    const lease = await client.grantLease(60_000, { limitMs: 2_000 });
    if (lease.outcome !== 'ok') throw new Error(lease.reason);
    const { leaseId } = lease.value;
    await client.register({ service: 'order-service', instance: 'live', value: '{}', leaseId }, { limitMs: 2_000 });
    const data = await inject('data.instances-deregister', [], { kind: 'leased' });
    expect(data.count).toBe(1);
    const reverted = await fault('data.instances-deregister').revert(world, data);
    expect(reverted.detail.en).toContain('1 leased ones come back only when their owners register again');
  });
});
