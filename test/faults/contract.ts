/** What every fault of the catalog must do, on a real lab. A new fault needs a row in `ROWS`, and nothing else. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pollUntil, systemClock } from '../../src/core/clock.js';
import type { DriverName } from '../../src/core/drill.js';
import type { Fault, FaultRequest, UndoData, World } from '../../src/core/fault.js';
import { agreedLeader, readMembers } from '../../src/core/members.js';
import type { Cluster } from '../../src/core/target.js';
import { faults } from '../../src/faults/index.js';
import { clusterOf, type LabName, missingLab, type RunningCluster, startLab } from '../support/cluster.js';
import { ROWS, type Row } from './rows.js';
import { expectSame, settledState, stateOf } from './state.js';

export interface ContractOptions {
  /** Default: the lab's name. */
  readonly title?: string;
  readonly driver?: DriverName;
  /** Why it cannot be had here, besides the lab itself; null = it can. */
  readonly missing?: string | null;
  readonly env?: () => NodeJS.ProcessEnv;
  /** The faults that need this very lab: the rest has been through the contract on another one. */
  readonly only?: readonly string[];
  /** Where the cluster is none of the labs. */
  readonly start?: () => Promise<RunningCluster>;
}

/** A word of the sentence with which `plan` refuses the fault there; absent = it can be had. */
export const refusalOf = (row: Row | undefined, lab: LabName, words: readonly string[]): RegExp | undefined =>
  row?.needs === lab ? undefined : words.map((word) => row?.refused?.[word]).find((said) => said !== undefined);

export function faultContract(labName: LabName, basePort: number, options: ContractOptions = {}): void {
  const { title = labName, driver = 'process', env = () => process.env } = options;
  const why = options.missing ?? missingLab(labName);
  describe.skipIf(why !== null)(`faults on ${title} (${driver})${why === null ? '' : `: ${why}`}`, () => {
    let lab: RunningCluster;
    let stateDir: string;
    beforeAll(async () => {
      stateDir = await mkdtemp(join(tmpdir(), 'firedrill-faults-'));
      lab = await (options.start?.() ?? startLab(labName, basePort, env(), driver));
    });
    afterAll(async () => {
      await lab?.stop();
      await rm(stateDir, { recursive: true, force: true });
    });

    const worldOf = (cluster: Cluster): World => ({ cluster, clock: systemClock, stateDir });
    /** As another process would do it: nothing is shared but the record and the state folder. */
    const fresh = async (use: (world: World) => Promise<void>): Promise<void> => {
      const cluster = lab.reconnect?.() ?? (await clusterOf(labName, lab.state));
      try {
        await use(worldOf(cluster));
      } finally {
        cluster.registry.close();
      }
    };

    it('has a row for every fault of the catalog', () => {
      expect(faults.names.filter((name) => ROWS[name] === undefined)).toEqual([]);
    });

    const chosen = faults.all.filter(({ name }) => options.only?.includes(name) ?? true);
    describe.each(chosen.map((fault) => [fault.name, fault] as const))('%s', (name, fault) => {
      const row: Row = ROWS[name] ?? { effect: () => Promise.reject(new Error('it has no row')) };
      const refused = () => refusalOf(row, labName, [lab.cluster.driver.name, lab.cluster.binding.product]);

      it('leaves no trace from prepare to the last revert, or is refused in plan', async () => {
        const world = worldOf(lab.cluster);
        const asked = await requestFor(fault, row, world);
        const why = (await fault.missing?.(world.cluster, asked)) ?? null;
        if (refused() !== undefined) {
          expect(why?.en).toMatch(refused() ?? '');
          return;
        }
        expect(why).toBeNull();
        await row.arrange?.(lab);
        const before = await settledState(world);
        const node = asked.nodes[0] ?? firstNode(world);
        const lookedBefore = await row.look?.(lab, node);
        const data = await preparedAsJson(fault, world, asked);
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
        await row.effect({ lab, node, data, before: lookedBefore });
        if (row.passing === undefined) {
          // A node that lags behind the majority still holds what is gone.
          const { value: left } = await pollUntil(
            () => fault.residue(world, data),
            (seen) => seen.length > 0,
            { clock: systemClock, withinMs: 5_000, everyMs: 20 },
          );
          expect(left).not.toEqual([]);
        }

        await afterElection(world);
        await fault.inject(world, data);
        // On a busy machine a look may not be able to tell: then it looks again, as a run does.
        const { value: again } = await pollUntil(
          () => fault.confirm(world, data),
          ({ bitten }) => bitten !== null,
          { clock: systemClock, withinMs: 5_000, everyMs: 20 },
        );
        expect(again.bitten, again.detail.en).toBe(true);

        await fresh(async (other) => {
          const first = await fault.revert(other, data);
          expect(first, first.detail.en).toMatchObject({ reverted: true, nothingToDo: row.passing === true });
          if (row.differs !== undefined) expect(first.detail.en).toMatch(row.differs);
          expect(await fault.residue(other, data)).toEqual([]);
          const second = await fault.revert(other, data);
          expect(second, second.detail.en).toMatchObject({ reverted: true, nothingToDo: true });
        });
        await afterElection(world);
        if (name !== 'leases.expire') await expectSame(world, before, name);
      });
    });

    it.each(['node.kill', 'node.freeze', 'node.stop', 'node.restart'])(
      '%s refuses no node, and a node that is gone',
      async (name) => {
        const fault = faults.find(name);
        const world = worldOf(lab.cluster);
        const node = firstNode(world);
        const gone = { ...request([], {}), nodes: [{ ...node, find: noSuch(node) }] };
        await expect(fault?.prepare(world, request([], {}))).rejects.toThrow('matched no node');
        await expect(fault?.prepare(world, gone)).rejects.toThrow('has no process');
      },
    );

    it.each([
      ['node.stop', { graceMs: -1 }, 'graceMs is -1; it must be a number from 0 to 60000'],
      ['data.instances-deregister', { percent: 101 }, 'percent is 101'],
      ['data.instances-deregister', { kind: 'some' }, 'all | durable | leased'],
      ['data.node-corrupt', { how: 'burn' }, 'flip | cut'],
      ['registry.flood', { rate: 1e6 }, 'rate is 1000000'],
    ])('%s with %o is refused in plan', async (name, params, said) => {
      const world = worldOf(lab.cluster);
      const asked = faults.find(name)?.missing?.(world.cluster, request([firstNode(world)], params));
      await expect(asked).rejects.toThrow(said);
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

const noSuch = ({ find }: FaultRequest['nodes'][number]): typeof find =>
  find.by === 'container' ? { by: 'container', container: 'fd-d4-no-such' } : { by: 'argument', text: 'no-such' };

function firstNode(world: World): FaultRequest['nodes'][number] {
  const node = world.cluster.binding.nodes[0];
  if (node === undefined) throw new Error('the lab has no node');
  return node;
}

/** The leader is hit: the hardest case. */
async function requestFor(fault: Fault, row: Row, world: World): Promise<FaultRequest> {
  const leader = agreedLeader(await readMembers(world.cluster.registry, { limitMs: 1_000 }));
  const { nodes } = world.cluster.binding;
  const hit = fault.scope === 'data' ? [] : row.on === 'all' ? nodes : nodes.filter((node) => node.name === leader);
  return request(hit, row.params ?? {});
}

/** What comes back went through JSON, as it does on its way through the disk. */
async function preparedAsJson(fault: Fault, world: World, asked: FaultRequest): Promise<UndoData> {
  const data = await fault.prepare(world, asked);
  const copy = JSON.parse(JSON.stringify(data)) as UndoData;
  expect(copy).toEqual(data);
  return copy;
}

export async function afterElection({ cluster, clock }: World): Promise<void> {
  const { reached } = await pollUntil(
    () => readMembers(cluster.registry, { limitMs: 200 }),
    (views) => agreedLeader(views) !== null,
    { clock, withinMs: 15_000, everyMs: 50 },
  );
  expect(reached, 'the cluster has a leader').toBe(true);
}
