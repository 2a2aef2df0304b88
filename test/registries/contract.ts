/** What every registry adapter must do, proved on a real cluster of three nodes. */
import { rm } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { systemClock as clock, pollUntil } from '../../src/core/clock.js';
import type { NodeSpec } from '../../src/core/drill.js';
import { invariant } from '../../src/core/errors.js';
import { agreedLeader, readMembers } from '../../src/core/members.js';
import type { Answer, Entry, NodeClient } from '../../src/core/registry.js';
import type { Cluster } from '../../src/core/target.js';

export interface Constructed {
  readonly cluster: Cluster;
  readonly stop: () => Promise<void>;
}

const LIMIT = { limitMs: 3_000 };
const HARD_VALUES = [
  '{"ip":"10.0.0.1","port":8080,"status":"UP","metadata":{"zone":"zone-a"}}',
  '服务注册 – naïve 🚒 \u0000\u001f "quoted" \\back\\ /slash/ //',
  'line one\nline two\r\n\ttabbed',
  '   ',
  'x'.repeat(100_000),
];
const HARD_NAMES = ['10.0.0.1:8080', 'a/b/c', '实例-1', 'with space & %2F + =', '[::1]:80', '"quoted"'];

export function registryContract(title: string, missing: string | null, construct: () => Promise<Constructed>): void {
  describe.skipIf(missing !== null)(`registry contract: ${title}${missing === null ? '' : ` (${missing})`}`, () => {
    let constructed: Constructed | undefined;
    const cluster = (): Cluster => {
      invariant(constructed, 'the cluster is up');
      return constructed.cluster;
    };
    beforeAll(async () => {
      constructed = await construct();
    });
    afterEach(() => heal(cluster()));
    afterAll(() => constructed?.stop());

    whatMembersSay(cluster);
    whatClientsDo(cluster);
    howLeasesEnd(cluster);
    whatBrokenNodesAnswer(cluster);
    howTheClusterIsCopied(cluster);
  });
}

function whatMembersSay(cluster: () => Cluster): void {
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

function whatClientsDo(cluster: () => Cluster): void {
  test('what is registered through one node is discovered through every other, until it is deregistered', async () => {
    const { registry } = cluster();
    for (const by of registry.nodes) {
      const entry = { service: `svc-${by}`, instance: 'i1', value: `{"by":"${by}"}` };
      ok(await registry.client(by).register(entry, LIMIT));
      for (const node of registry.nodes) {
        expect(ok(await registry.client(node).discover(entry.service, LIMIT))).toEqual([{ ...entry, leased: false }]);
      }
      ok(await registry.client(by).deregister(entry, LIMIT));
      for (const node of registry.nodes) {
        expect(ok(await registry.client(node).discover(entry.service, LIMIT))).toEqual([]);
      }
    }
  });

  test('values come back as they were given', async () => {
    const client = cluster().registry.client('n2');
    for (const [i, value] of HARD_VALUES.entries()) {
      ok(await client.register({ service: 'hard-values', instance: `${i}`, value }, LIMIT));
    }
    const found = ok(await client.discover('hard-values', LIMIT));
    expect(inOrder(found).map((entry) => entry.value)).toEqual(HARD_VALUES);
    const own = await untilHolds(client, (entries) => ofService(entries, 'hard-values').length === HARD_VALUES.length);
    expect(inOrder(ofService(own, 'hard-values')).map((entry) => entry.value)).toEqual(HARD_VALUES);
  });

  test('names come back as they were given, and belong to their service alone', async () => {
    const client = cluster().registry.client('n3');
    for (const instance of HARD_NAMES) ok(await client.register({ service: 'hard', instance, value: 'v' }, LIMIT));
    ok(await client.register({ service: 'hard-2', instance: 'other', value: 'v' }, LIMIT));
    const found = ok(await client.discover('hard', LIMIT));
    expect(found.map((entry) => entry.instance).sort()).toEqual([...HARD_NAMES].sort());
    expect(new Set(found.map((entry) => entry.service))).toEqual(new Set(['hard']));
    for (const instance of HARD_NAMES) ok(await client.deregister({ service: 'hard', instance }, LIMIT));
    expect(ok(await client.discover('hard', LIMIT))).toEqual([]);
  });

  test.each([
    { service: 'a/b', instance: 'c' },
    { service: '', instance: 'c' },
    { service: 'a', instance: '' },
    { service: 'a', instance: 'b//c' },
    { service: 'a', instance: 'b/' },
  ])('a name that the registry would bend is refused: %o', async (entry) => {
    const client = cluster().registry.client('n1');
    expect((await client.register({ ...entry, value: 'v' }, LIMIT)).outcome).toBe('failed');
    expect((await client.deregister(entry, LIMIT)).outcome).toBe('failed');
  });

  test('settings are put and listed', async () => {
    const { registry } = cluster();
    ok(await registry.client('n1').putSetting({ name: 'heartbeat', value: '31s' }, LIMIT));
    ok(await registry.client('n2').putSetting({ name: 'banner', value: '演练 "now"' }, LIMIT));
    const settings = ok(await registry.client('n3').listSettings(LIMIT));
    expect(settings).toContainEqual({ name: 'heartbeat', value: '31s' });
    expect(settings).toContainEqual({ name: 'banner', value: '演练 "now"' });
    expect(ofService(ok(await registry.client('n3').listOwn(LIMIT)), 'settings')).toEqual([]);
  });

  test('a call that is cancelled says whether it may have arrived', async () => {
    const { registry, driver } = cluster();
    const client = registry.client('n1');
    const entry = { service: 'cancelled', instance: 'i', value: 'v' };
    expect((await client.register(entry, { ...LIMIT, signal: AbortSignal.abort() })).outcome).toBe('failed');
    await driver.signal(nodeNamed(cluster(), 'n1'), 'SIGSTOP');
    const cancel = new AbortController();
    const answer = client.register(entry, { ...LIMIT, signal: cancel.signal });
    setTimeout(() => cancel.abort(), 50);
    expect((await answer).outcome).toBe('unknown');
  });
}

function howLeasesEnd(cluster: () => Cluster): void {
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

function whatBrokenNodesAnswer(cluster: () => Cluster): void {
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
    const { value } = await pollUntil(
      () => survivor.status({ limitMs: 500 }),
      (answer) => answer.outcome === 'ok' && answer.value.leader === null,
      { clock, withinMs: 15_000, everyMs: 100 },
    );
    expect(ok(value).leader).toBeNull();
    const write = await survivor.register({ service: 'own-copy', instance: 'j', value: 'lost?' }, { limitMs: 1_000 });
    expect(write.outcome).toBe('unknown');
    expect((await survivor.discover('own-copy', { limitMs: 1_000 })).outcome).toBe('unknown');
    expect(ofService(ok(await survivor.listOwn(LIMIT)), 'own-copy')).toContainEqual({ ...entry, leased: false });
  });
}

function howTheClusterIsCopied(cluster: () => Cluster): void {
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

/** The value of an answer that must be good. */
export function ok<T>(answer: Answer<T>): T {
  if (answer.outcome === 'ok') return answer.value;
  throw new Error(`expected ok, got ${answer.outcome}: ${answer.reason}`);
}

const ofService = (entries: readonly Entry[], service: string): readonly Entry[] =>
  entries.filter((entry) => entry.service === service);

const inOrder = (entries: readonly Entry[]): readonly Entry[] =>
  [...entries].sort((a, b) => `${a.service}/${a.instance}`.localeCompare(`${b.service}/${b.instance}`));

/** `healed` is written after each test by this suite itself. */
const durable = (entries: readonly Entry[]): readonly Entry[] =>
  inOrder(entries.filter((entry) => !entry.leased && entry.service !== 'healed'));

function nodeNamed({ binding }: Cluster, name: string): NodeSpec {
  const node = binding.nodes.find((each) => each.name === name);
  invariant(node, `there is a node ${name}`);
  return node;
}

/** A node's own copy may lag behind an acknowledged write. */
async function untilHolds(
  client: NodeClient,
  holds: (entries: readonly Entry[]) => boolean,
): Promise<readonly Entry[]> {
  const { value } = await pollUntil(async () => ok(await client.listOwn(LIMIT)), holds, {
    clock,
    withinMs: 5_000,
    everyMs: 50,
  });
  return value;
}

/** Every node runs again, follows the same leader, and acknowledges a write. */
async function heal({ binding, driver, registry }: Cluster): Promise<void> {
  for (const node of binding.nodes) {
    await driver.signal(node, 'SIGCONT');
    await driver.start(node);
  }
  const { reached, value } = await pollUntil(
    async () => {
      const write = { service: 'healed', value: `${clock.monotonicMs()}` };
      const writes = registry.nodes.map((node) =>
        registry.client(node).register({ ...write, instance: node }, { limitMs: 1_000 }),
      );
      const answers = await Promise.all(writes);
      const views = await readMembers(registry, { limitMs: 1_000 });
      const leaders = new Set(views.map(({ answer }) => (answer.outcome === 'ok' ? answer.value.leader : null)));
      return { answers, views, good: answers.every((each) => each.outcome === 'ok') && leaders.size === 1 };
    },
    ({ good, views }) => good && agreedLeader(views) !== null,
    { clock, withinMs: 30_000, everyMs: 100 },
  );
  expect(reached, JSON.stringify(value)).toBe(true);
}

async function stopAll({ binding, driver }: Cluster, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  for (const node of binding.nodes) {
    await driver.signal(node, signal);
    const gone = await pollUntil(
      () => driver.inspect(node),
      ({ state }) => state === 'gone',
      {
        clock,
        withinMs: 5_000,
        everyMs: 5,
      },
    );
    expect(gone.reached).toBe(true);
  }
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
