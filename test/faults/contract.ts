/** What every fault of the catalog must do, on a real lab. A new fault needs a row in `REQUESTS`, and nothing else. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pollUntil, systemClock } from '../../src/core/clock.js';
import type { Scalar } from '../../src/core/drill.js';
import type { Fault, FaultRequest, UndoData, World } from '../../src/core/fault.js';
import { agreedLeader, readMembers } from '../../src/core/members.js';
import type { Cluster } from '../../src/core/target.js';
import { faults } from '../../src/faults/index.js';
import { clusterOf, type LabName, missingLab, type StartedLab, startLab } from '../support/cluster.js';

const REQUESTS: Readonly<Record<string, Readonly<Record<string, Scalar>>>> = {
  'node.kill': {},
  'node.freeze': {},
  'service.delete': { service: 'order-service' },
  'registry.wipe': {},
};

export function faultContract(labName: LabName, basePort: number): void {
  describe.skipIf(missingLab(labName) !== null)(`faults on ${labName}`, () => {
    let lab: StartedLab;
    let stateDir: string;
    beforeAll(async () => {
      stateDir = await mkdtemp(join(tmpdir(), 'firedrill-faults-'));
      lab = await startLab(labName, basePort);
    });
    afterAll(async () => {
      await lab?.stop();
      await rm(stateDir, { recursive: true, force: true });
    });

    const worldOf = (cluster: Cluster): World => ({ cluster, clock: systemClock, stateDir });
    /** As another process would do it: nothing is shared but the record and the state folder. */
    const fresh = async (use: (world: World) => Promise<void>): Promise<void> => {
      const cluster = await clusterOf(labName, { name: labName, product: lab.state.product, nodes: lab.state.nodes });
      try {
        await use(worldOf(cluster));
      } finally {
        cluster.registry.close();
      }
    };

    it('has a request for every fault of the catalog', () => {
      expect(faults.names).toEqual(Object.keys(REQUESTS));
    });

    describe.each(faults.all.map((fault) => [fault.name, fault] as const))('%s', (name, fault) => {
      it('leaves no trace from prepare to the last revert', async () => {
        const world = worldOf(lab.cluster);
        const before = await stateOf(world);
        const data = await preparedAsJson(fault, world, REQUESTS[name] ?? {});
        expect(await stateOf(world), 'prepare changes nothing').toEqual(before);
        expect(await fault.confirm(world, data)).toMatchObject({ bitten: false });
        expect(await fault.residue(world, data)).toEqual([]);

        const requestedMs = systemClock.monotonicMs();
        await fault.inject(world, data);
        const { value: bite } = await pollUntil(
          () => fault.confirm(world, data),
          ({ bitten }) => bitten === true,
          { clock: systemClock, withinMs: 5_000, everyMs: 5 },
        );
        expect(bite.bitten, bite.detail.en).toBe(true);
        expect(bite.observedMs).toBeGreaterThan(requestedMs);
        expect(bite.observedMs).toBeLessThanOrEqual(systemClock.monotonicMs());
        const broken = await stateOf(world);
        expect(broken).not.toEqual(before);
        expect(await fault.residue(world, data)).not.toEqual([]);

        await afterElection(world);
        await fault.inject(world, data);
        expect((await fault.confirm(world, data)).bitten).toBe(true);

        await fresh(async (other) => {
          const first = await fault.revert(other, data);
          expect(first, first.detail.en).toMatchObject({ reverted: true, nothingToDo: false });
          expect(await fault.residue(other, data)).toEqual([]);
          const second = await fault.revert(other, data);
          expect(second, second.detail.en).toMatchObject({ reverted: true, nothingToDo: true });
        });
        await afterElection(world);
        await expectSame(world, before, name);
      });
    });

    it.each(['node.kill', 'node.freeze'])('%s refuses no node, and a node that is gone', async (name) => {
      const fault = faults.find(name);
      const world = worldOf(lab.cluster);
      const gone = {
        ...request([], {}),
        nodes: [{ ...firstNode(world), find: { by: 'argument', text: 'no-such' } as const }],
      };
      await expect(fault?.prepare(world, request([], {}))).rejects.toThrow('matched no node');
      await expect(fault?.prepare(world, gone)).rejects.toThrow('has no process');
    });

    it('service.delete refuses a service without instances', async () => {
      const world = worldOf(lab.cluster);
      const asked = faults.find('service.delete')?.prepare(world, request([], { service: 'order-servce' }));
      await expect(asked).rejects.toThrow('has no instances');
    });
  });
}

const request = (nodes: FaultRequest['nodes'], params: FaultRequest['params']): FaultRequest => ({
  nodes,
  params,
  step: 'break',
});

function firstNode(world: World): FaultRequest['nodes'][number] {
  const node = world.cluster.binding.nodes[0];
  if (node === undefined) throw new Error('the lab has no node');
  return node;
}

/** The leader is hit: the hardest case. What comes back went through JSON, as it does on its way through the disk. */
async function preparedAsJson(fault: Fault, world: World, params: FaultRequest['params']): Promise<UndoData> {
  const leader = agreedLeader(await readMembers(world.cluster.registry, { limitMs: 1_000 }));
  const nodes = world.cluster.binding.nodes.filter((node) => fault.scope === 'node' && node.name === leader);
  const data = await fault.prepare(world, request(nodes, params));
  const copy = JSON.parse(JSON.stringify(data)) as UndoData;
  expect(copy).toEqual(data);
  return copy;
}

/** Per node: its process state and a hash of what it holds. */
async function stateOf({ cluster }: World): Promise<Readonly<Record<string, string>>> {
  const states = await Promise.all(
    cluster.binding.nodes.map(async (node) => {
      const { state } = await cluster.driver.inspect(node);
      const own = await cluster.registry.client(node.name).listOwn({ limitMs: 300 });
      const lines = own.outcome === 'ok' ? own.value.map((entry) => JSON.stringify(entry)).sort() : ['unreadable'];
      return [node.name, `${state} ${createHash('sha256').update(lines.join('\n')).digest('hex')}`] as const;
    }),
  );
  return Object.fromEntries(states);
}

async function afterElection({ cluster, clock }: World): Promise<void> {
  const { reached } = await pollUntil(
    () => readMembers(cluster.registry, { limitMs: 200 }),
    (views) => agreedLeader(views) !== null,
    { clock, withinMs: 15_000, everyMs: 50 },
  );
  expect(reached, 'the cluster has a leader').toBe(true);
}

async function expectSame(world: World, before: Awaited<ReturnType<typeof stateOf>>, name: string): Promise<void> {
  const { value } = await pollUntil(
    () => stateOf(world),
    (now) => JSON.stringify(now) === JSON.stringify(before),
    { clock: systemClock, withinMs: 5_000, everyMs: 50 },
  );
  expect(value, `after ${name} all is as before`).toEqual(before);
}
