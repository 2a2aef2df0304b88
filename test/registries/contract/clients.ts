import { expect, test } from 'vitest';
import type { Cluster } from '../../../src/core/target.js';
import { inOrder, LIMIT, nodeNamed, ofService, ok, untilHolds } from './tools.js';

const HARD_VALUES = [
  '{"ip":"10.0.0.1","port":8080,"status":"UP","metadata":{"zone":"zone-a"}}',
  '服务注册 – naïve 🚒 \u0000\u001f "quoted" \\back\\ /slash/ //',
  'line one\nline two\r\n\ttabbed',
  '   ',
  'x'.repeat(100_000),
];
const HARD_NAMES = ['10.0.0.1:8080', 'a/b/c', '实例-1', 'with space & %2F + =', '[::1]:80', '"quoted"'];

export function whatClientsDo(cluster: () => Cluster): void {
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

  test('an exchange changes what is still as it was, in one step, and nothing else', async () => {
    const { registry } = cluster();
    const [first, second] = [registry.client('n1'), registry.client('n3')];
    const of = { service: 'exchanged', instance: 'i' };
    const exchange = async (was: string | null, value: string | null) =>
      ok(await first.exchange({ ...of, was, value }, LIMIT));
    const held = async () =>
      ok(await second.discover(of.service, LIMIT)).map(({ value, leased }) => ({ value, leased }));
    expect(await exchange('never there', null)).toBe('done');
    expect(await exchange('never there', 'x')).toBe('changed');
    expect(await held()).toEqual([]);
    expect(await exchange(null, '“一”')).toBe('done');
    expect(await exchange(null, 'again')).toBe('changed');
    expect(await held()).toEqual([{ value: '“一”', leased: false }]);
    expect(await exchange('“一”', 'two')).toBe('done');
    expect(await exchange('“一”', 'two')).toBe('done');
    ok(await second.register({ ...of, value: 'by somebody else' }, LIMIT));
    expect(await exchange('two', 'three')).toBe('changed');
    expect(await exchange('two', null)).toBe('changed');
    expect(await held()).toEqual([{ value: 'by somebody else', leased: false }]);
    expect(await exchange('by somebody else', null)).toBe('done');
    expect(await exchange(null, 'once more')).toBe('done');
    expect(await exchange('once more', null)).toBe('done');
    const { leaseId } = ok(await second.grantLease(20_000, LIMIT));
    ok(await second.register({ ...of, value: 'leased', leaseId }, LIMIT));
    expect(await exchange('leased', 'leased')).toBe('done');
    expect(await held()).toEqual([{ value: 'leased', leased: false }]);
    expect(await exchange('leased', null)).toBe('done');
    expect(await held()).toEqual([]);
    expect((await first.exchange({ ...of, service: 'a/b', was: null, value: 'v' }, LIMIT)).outcome).toBe('failed');
  });

  test('of exchanges at the same time, one is done', async () => {
    const { registry } = cluster();
    const of = { service: 'exchanged', instance: 'by-many' };
    ok(await registry.client('n1').register({ ...of, value: 'before' }, LIMIT));
    const ends = await Promise.all(
      Array.from({ length: 12 }, (_, n) => {
        const node = registry.nodes[n % registry.nodes.length] ?? '';
        return registry.client(node).exchange({ ...of, was: 'before', value: `by ${n}` }, LIMIT);
      }),
    );
    expect(ends.map(ok).filter((end) => end === 'done')).toHaveLength(1);
    ok(await registry.client('n1').deregister(of, LIMIT));
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
