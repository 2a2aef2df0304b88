import { expect, test } from 'vitest';
import { systemClock as clock, pollUntil } from '../../../src/core/clock.js';
import type { Cluster } from '../../../src/core/target.js';
import { LIMIT, ok } from './tools.js';

export function howLeasesEnd(cluster: () => Cluster): void {
  const TTL_MS = 2_000;

  test('a leased instance lives while it is renewed through any node, and goes when it is not', async () => {
    const { registry } = cluster();
    const { leaseId } = ok(await registry.client('n1').grantLease(TTL_MS, LIMIT));
    const entry = { service: 'leased', instance: 'i', value: 'v' };
    ok(await registry.client('n2').register({ ...entry, leaseId }, LIMIT));
    for (const node of [...registry.nodes, ...registry.nodes]) {
      await clock.sleep(TTL_MS / 3);
      ok(await registry.client(node).renew(leaseId, LIMIT));
      expect(ok(await registry.client(node).discover('leased', LIMIT))).toEqual([{ ...entry, leased: true }]);
    }
    const { reached } = await pollUntil(
      async () => ok(await registry.client('n3').discover('leased', LIMIT)).length,
      (left) => left === 0,
      { clock, withinMs: 3 * TTL_MS, everyMs: 50 },
    );
    expect(reached).toBe(true);
  });

  test('an unknown lease is told as such through every node, by renewals and registrations', async () => {
    const { registry } = cluster();
    const { leaseId } = ok(await registry.client('n1').grantLease(1_000, LIMIT));
    await pollUntil(
      () => registry.client('n1').renew(leaseId, LIMIT),
      (answer) => answer.outcome !== 'ok',
      { clock, withinMs: 8_000, everyMs: 3_000 },
    );
    for (const node of registry.nodes) {
      const client = registry.client(node);
      expect(await client.renew(leaseId, LIMIT)).toMatchObject({ outcome: 'failed', leaseGone: true });
      const registered = await client.register({ service: 'gone', instance: node, value: 'v', leaseId }, LIMIT);
      expect(registered).toMatchObject({ outcome: 'failed', leaseGone: true });
    }
    expect(ok(await registry.client('n1').discover('gone', LIMIT))).toEqual([]);
  });
}
