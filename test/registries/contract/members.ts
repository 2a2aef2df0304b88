import { expect, test } from 'vitest';
import { systemClock as clock, pollUntil } from '../../../src/core/clock.js';
import { invariant } from '../../../src/core/errors.js';
import { agreedLeader, readMembers } from '../../../src/core/members.js';
import type { Cluster } from '../../../src/core/target.js';
import { LIMIT, nodeNamed, ok } from './tools.js';

export function whatMembersSay(cluster: () => Cluster): void {
  test('every node names the same leader, by node name, and every one votes', async () => {
    const { registry, binding } = cluster();
    const views = await readMembers(registry, LIMIT);
    const statuses = views.map(({ answer }) => ok(answer));
    expect(registry.nodes).toContain(agreedLeader(views));
    expect(new Set(statuses.map((status) => status.leader)).size).toBe(1);
    expect(statuses.map((status) => status.voter)).toEqual([true, true, true]);
    expect(statuses.map((status) => status.node)).toEqual([...registry.nodes]);
    for (const status of statuses) {
      expect(status).toMatchObject({ version: binding.version, clusterId: binding.clusterId });
      expect(status.term).toBeGreaterThan(0);
    }
  });

  test('the revision grows with a write', async () => {
    const client = cluster().registry.client('n1');
    const before = ok(await client.status(LIMIT)).revision;
    ok(await client.register({ service: 'revision', instance: 'one', value: `${before}` }, LIMIT));
    expect(ok(await client.status(LIMIT)).revision).toBeGreaterThan(before);
  });

  test('a leader that dies is succeeded by another one', async () => {
    const { registry, driver } = cluster();
    const before = ok(await registry.client('n1').status(LIMIT)).leader;
    invariant(before !== null, 'there is a leader');
    await driver.signal(nodeNamed(cluster(), before), 'SIGKILL');
    const { value } = await pollUntil(
      async () => agreedLeader(await readMembers(registry, { limitMs: 500 })),
      (leader) => leader !== null && leader !== before,
      { clock, withinMs: 15_000, everyMs: 50 },
    );
    expect(registry.nodes.filter((node) => node !== before)).toContain(value);
  });
}
