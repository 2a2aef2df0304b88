/** data.access-lost on ZooKeeper with access lists: refused to everybody, and exactly these lists come back. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { pollUntil, systemClock } from '../../src/core/clock.js';
import { invariant } from '../../src/core/errors.js';
import type { UndoData, World } from '../../src/core/fault.js';
import { faults } from '../../src/faults/index.js';
import { ok } from '../registries/contract/tools.js';
import { missingLab } from '../support/cluster.js';
import { startSecured } from '../support/secured-zookeeper.js';

const LIMIT = { limitMs: 5_000 };

it.skipIf(missingLab('zookeeper-3') !== null)(
  'data.access-lost on ZooKeeper bites for the owner too, and is undone by another process',
  async () => {
    const fault = faults.find('data.access-lost');
    const stateDir = await mkdtemp(join(tmpdir(), 'firedrill-access-'));
    const secured = await startSecured(23_650);
    try {
      const { cluster } = secured;
      const { access } = cluster.registry;
      invariant(fault && access, 'there are such a fault and access lists');
      const world: World = { cluster, clock: systemClock, stateDir };
      const request = { nodes: [], params: {}, step: 'break' };
      expect(await fault.missing?.(cluster, request)).toBeNull();
      const before = ok(await access.rules('n1', LIMIT));
      const data: UndoData = JSON.parse(JSON.stringify(await fault.prepare(world, request)));
      expect(await fault.confirm(world, data)).toMatchObject({ bitten: false });
      await fault.inject(world, data);
      const { value: bite } = await pollUntil(
        () => fault.confirm(world, data),
        ({ bitten }) => bitten === true,
        { clock: systemClock, withinMs: 5_000, everyMs: 20 },
      );
      expect(bite.bitten, bite.detail.en).toBe(true);
      const entry = { service: 'order-service', instance: 'late', value: 'v' };
      expect(await cluster.registry.client('n2').register(entry, LIMIT)).toMatchObject({ outcome: 'failed' });
      expect(await fault.residue(world, data)).not.toEqual([]);

      const other = { ...world, cluster: secured.as(secured.access) };
      const reverted = await fault.revert(other, data);
      expect(reverted, reverted.detail.en).toMatchObject({ reverted: true, nothingToDo: false });
      expect(await fault.residue(other, data)).toEqual([]);
      expect(await fault.revert(other, data)).toMatchObject({ reverted: true, nothingToDo: true });
      other.cluster.registry.close();
      expect(ok(await access.rules('n1', LIMIT))).toEqual(before);
    } finally {
      await secured.stop();
      await rm(stateDir, { recursive: true, force: true });
    }
  },
  120_000,
);
