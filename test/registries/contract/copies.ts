import { rm } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { systemClock as clock } from '../../../src/core/clock.js';
import { invariant } from '../../../src/core/errors.js';
import type { Cluster } from '../../../src/core/target.js';
import { durable, heal, LIMIT, nodeNamed, ok, stopAll, untilHolds } from './tools.js';

export function howTheClusterIsCopied(cluster: () => Cluster): void {
  test('a copy is checked, and a damaged one is told', async () => {
    const { backup } = cluster().registry;
    const bytes = ok(await backup.exportFrom('n1', LIMIT));
    expect(backup.check(bytes)).toBeNull();
    expect(backup.check(bytes.subarray(0, bytes.length - 10))).not.toBeNull();
    expect(backup.check(bytes.subarray(0, 0))).not.toBeNull();
    const flipped = Uint8Array.from(bytes);
    flipped[Math.floor(bytes.length / 2)] = (flipped[Math.floor(bytes.length / 2)] ?? 0) ^ 0x10;
    expect(backup.check(flipped)).not.toBeNull();
  });

  test('a copy is never put over data that is there', async () => {
    const { backup } = cluster().registry;
    const bytes = ok(await backup.exportFrom('n1', LIMIT));
    await expect(backup.place(bytes, nodeNamed(cluster(), 'n1'))).rejects.toMatchObject({ code: 'place-failed' });
  });

  test('exported, wrecked, placed on stopped nodes: the same content, on every node, and it takes writes', async () => {
    const { registry, binding } = cluster();
    const client = registry.client('n1');
    for (let i = 0; i < 20; i++)
      ok(await client.register({ service: 'kept', instance: `${i}`, value: `v${i}` }, LIMIT));
    const { leaseId } = ok(await client.grantLease(60_000, LIMIT));
    ok(await client.register({ service: 'kept', instance: 'leased', value: 'v', leaseId }, LIMIT));
    const before = durable(ok(await client.listOwn(LIMIT)));
    const settings = ok(await client.listSettings(LIMIT));
    const bytes = ok(await registry.backup.exportFrom('n1', LIMIT));

    ok(await client.deregister({ service: 'kept', instance: '3' }, LIMIT));
    ok(await client.register({ service: 'kept', instance: '4', value: 'overwritten' }, LIMIT));
    ok(await client.register({ service: 'later', instance: 'i', value: 'v' }, LIMIT));

    const written = await placeEverywhere(cluster(), bytes);
    expect(written.every((files) => files.length > 0)).toBe(true);
    await heal(cluster());
    for (const node of binding.nodes) {
      const own = await untilHolds(registry.client(node.name), (entries) => durable(entries).length === before.length);
      expect(durable(own)).toEqual(before);
    }
    expect(ok(await client.listSettings(LIMIT))).toEqual(settings);
    ok(await client.register({ service: 'later', instance: 'i', value: 'again' }, LIMIT));
  });

  test('a restored cluster comes back from a restart with the same start commands', async () => {
    const { registry } = cluster();
    const entry = { service: 'restarted', instance: 'i', value: `${clock.monotonicMs()}` };
    ok(await registry.client('n1').register(entry, LIMIT));
    await stopAll(cluster(), 'SIGTERM');
    await heal(cluster());
    expect(ok(await registry.client('n2').discover('restarted', LIMIT))).toEqual([{ ...entry, leased: false }]);
  });
}

async function placeEverywhere(cluster: Cluster, bytes: Uint8Array): Promise<readonly (readonly string[])[]> {
  await stopAll(cluster, 'SIGKILL');
  const placed: (readonly string[])[] = [];
  for (const node of cluster.binding.nodes) {
    invariant(node.data, 'a lab node has data');
    await rm(node.data, { recursive: true });
    placed.push(await cluster.registry.backup.place(bytes, node));
  }
  return placed;
}
