import { expect, test } from 'vitest';
import { systemClock as clock, pollUntil } from '../../../src/core/clock.js';
import type { Answer, NodeClient } from '../../../src/core/registry.js';
import type { Cluster } from '../../../src/core/target.js';
import { LIMIT, nodeNamed, ofService, ok, untilHolds } from './tools.js';

export function whatBrokenNodesAnswer(cluster: () => Cluster, { copies }: { readonly copies: boolean }): void {
  const everyCall = (client: NodeClient, limitMs: number): Promise<readonly Answer<unknown>[]> =>
    Promise.all([
      client.status({ limitMs }),
      client.register({ service: 'broken', instance: client.node, value: `${Math.random()}` }, { limitMs }),
      client.deregister({ service: 'broken', instance: client.node }, { limitMs }),
      client.grantLease(5_000, { limitMs }),
      client.renew('1', { limitMs }),
      client.discover('broken', { limitMs }),
      client.listOwn({ limitMs }),
      client.listSettings({ limitMs }),
      client.putSetting({ name: 'broken', value: `${Math.random()}` }, { limitMs }),
      cluster().registry.backup.exportFrom(client.node, { limitMs }),
    ]);

  test('of a dead node every call has definitely failed, at once', async () => {
    const { registry, driver } = cluster();
    const node = nodeNamed(cluster(), 'n2');
    await driver.signal(node, 'SIGKILL');
    // Right after the kill its sockets are still being closed, and a broken connection may have carried something.
    await pollUntil(
      () => registry.client('n2').status({ limitMs: 1_000 }),
      (answer) => answer.outcome === 'failed',
      { clock, withinMs: 5_000, everyMs: 20 },
    );
    const answers = await everyCall(registry.client('n2'), 1_000);
    expect(answers.map((answer) => answer.outcome)).toEqual(answers.map(() => 'failed'));
  });

  test('of a frozen node every call is unknown, within its limit', async () => {
    const { registry, driver } = cluster();
    await everyCall(registry.client('n3'), 1_000);
    await driver.signal(nodeNamed(cluster(), 'n3'), 'SIGSTOP');
    const startedMs = clock.monotonicMs();
    const answers = await everyCall(registry.client('n3'), 300);
    expect(clock.monotonicMs() - startedMs).toBeLessThan(300 + 400);
    expect(answers.map((answer) => answer.outcome)).toEqual(answers.map(() => 'unknown'));
    for (const answer of answers) expect(answer).toMatchObject({ reason: 'no answer within 300 ms' });
  });

  test('a survivor without a quorum acknowledges nothing, names no leader, and still shows its own copy', async () => {
    const { registry, driver } = cluster();
    const survivor = registry.client('n1');
    const entry = { service: 'own-copy', instance: 'i', value: 'kept' };
    ok(await survivor.register(entry, LIMIT));
    await untilHolds(survivor, (entries) => ofService(entries, 'own-copy').length === 1);
    for (const name of ['n2', 'n3']) await driver.signal(nodeNamed(cluster(), name), 'SIGKILL');
    // A leader of antietcd learns from a write, and from nothing else, that it stands alone.
    const write = await survivor.register({ service: 'own-copy', instance: 'j', value: 'lost?' }, { limitMs: 1_000 });
    expect(write.outcome).toBe('unknown');
    const { value } = await pollUntil(
      () => survivor.status({ limitMs: 500 }),
      (answer) => answer.outcome === 'ok' && answer.value.leader === null,
      { clock, withinMs: 15_000, everyMs: 100 },
    );
    expect(ok(value).leader).toBeNull();
    expect((await survivor.discover('own-copy', { limitMs: 1_000 })).outcome).toBe('unknown');
    const own = await survivor.listOwn(LIMIT);
    if (copies) expect(ofService(ok(own), 'own-copy')).toContainEqual({ ...entry, leased: false });
    else expect(own.outcome).toBe('unknown');
  });
}
