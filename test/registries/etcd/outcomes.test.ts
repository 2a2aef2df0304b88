import { createServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { Answer } from '../../../src/core/registry.js';
import { registries } from '../../../src/registries/index.js';
import { answering, type Reaction, type Stub, startStub } from './stub.js';

const LIMIT = { limitMs: 2_000 };
const ENTRY = { service: 's', instance: 'i', value: 'v' };

let stub: Stub | undefined;
afterEach(async () => {
  await stub?.close();
  stub = undefined;
});

async function registering(react: Reaction, limitMs = 2_000): Promise<Answer<null>> {
  stub = await startStub('etcd', react);
  return stub.registry.client('n1').register(ENTRY, { limitMs });
}

describe('what is definite and what is not', () => {
  test.each([
    [400, '{"error":"etcdserver: key is not provided","code":3}'],
    [401, '{"error":"etcdserver: invalid auth token","code":16}'],
    [403, '{"error":"etcdserver: permission denied","code":7}'],
    [404, 'page not found'],
    [400, 'content-type should be application/json'],
  ])('%i %s: failed', async (status, body) => {
    const answer = await registering(answering(status, body));
    expect(answer).toMatchObject({ outcome: 'failed', reason: expect.stringMatching(new RegExp(`^${status} `)) });
    expect(answer).not.toHaveProperty('leaseGone');
  });

  test.each([
    [503, '{"error":"etcdserver: request timed out","code":14}'],
    [503, 'Replication failed, please retry request'],
    [500, 'Internal error'],
    [502, 'Server is stopping'],
    [504, ''],
    [408, '{"code":4,"message":"context deadline exceeded"}'],
    [429, '{"code":8,"message":"etcdserver: too many requests"}'],
    [200, 'not JSON'],
    [200, '[]'],
    [200, '{"error":{"message":"etcdserver: leader changed","http_code":503}}'],
    [200, '{"error":"etcdserver: no leader","code":14}'],
  ])('%i %s: unknown', async (status, body) => {
    expect(await registering(answering(status, body))).toMatchObject({ outcome: 'unknown' });
  });

  test.each([
    [404, '{"error":"etcdserver: requested lease not found","code":5}'],
    [404, '{"code":5,"message":"etcdserver: requested lease not found","details":[]}'],
    [400, 'unknown lease: 12ab'],
    [503, 'unknown lease'],
    [200, '{"error":{"message":"etcdserver: requested lease not found","http_code":404}}'],
  ])('%i %s: failed, the lease is gone', async (status, body) => {
    expect(await registering(answering(status, body))).toMatchObject({ outcome: 'failed', leaseGone: true });
  });

  test.each([
    ['{"result":{"header":{},"ID":"7"}}', false],
    ['{"result":{"header":{},"ID":"7","TTL":"0"}}', false],
    ['{"result":{"header":{},"ID":"7","TTL":"5"}}', true],
  ])('a renewal answered %s', async (body, alive) => {
    stub = await startStub('etcd', answering(200, body));
    const answer = await stub.registry.client('n1').renew('7', LIMIT);
    expect(answer).toMatchObject(alive ? { outcome: 'ok' } : { outcome: 'failed', leaseGone: true });
  });

  test('a connection that breaks after the request was sent: unknown', async () => {
    expect(await registering((request) => request.socket.destroy())).toMatchObject({ outcome: 'unknown' });
  });

  test('a kept connection that breaks: unknown as well', async () => {
    stub = await startStub('etcd', answering(200, '{}'));
    const client = stub.registry.client('n1');
    expect(await client.register(ENTRY, LIMIT)).toMatchObject({ outcome: 'ok' });
    stub.react = (request) => request.socket.resetAndDestroy();
    expect(await client.register(ENTRY, LIMIT)).toMatchObject({ outcome: 'unknown' });
    expect(stub.connections()).toBe(1);
  });

  test('an answer that breaks off in the middle: unknown', async () => {
    const answer = await registering((_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"header":', () => response.destroy());
    });
    expect(answer).toMatchObject({ outcome: 'unknown' });
  });

  test('an answer that trickles beyond the limit: unknown, in time', async () => {
    const startedMs = performance.now();
    const answer = await registering((_, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(timer));
    }, 200);
    expect(answer).toEqual({ outcome: 'unknown', reason: 'no answer within 200 ms' });
    expect(performance.now() - startedMs).toBeLessThan(500);
  });

  test('a name that cannot be resolved and a port nobody listens on: failed', async () => {
    const driver = registries.find('etcd');
    const free = await freePort();
    const nodes = ['http://no-such-host.invalid:1', `http://127.0.0.1:${free}`, `http://localhost:${free}`];
    for (const url of nodes) {
      const node = { name: 'n1', url, find: { by: 'argument', text: 'x' }, start: ['x'] } as const;
      const registry = driver?.connect({ nodes: [node], prefix: '/services/', product: 'etcd' });
      expect(await registry?.client('n1').register(ENTRY, { limitMs: 5_000 }), url).toMatchObject({
        outcome: 'failed',
      });
      registry?.close();
    }
  });
});

describe('what is not an answer of the product', () => {
  test.each(['etcd', 'antietcd'] as const)(
    '%s: an empty object is neither a status nor an empty registry',
    async (product) => {
      stub = await startStub(product, answering(200, '{}'));
      const client = stub.registry.client('n1');
      const answers = [
        await client.status(LIMIT),
        await client.discover('s', LIMIT),
        await client.listOwn(LIMIT),
        await client.listSettings(LIMIT),
        await client.grantLease(1_000, LIMIT),
        await stub.registry.backup.exportFrom('n1', LIMIT),
      ];
      expect(answers.map((answer) => answer.outcome)).toEqual(answers.map(() => 'unknown'));
    },
  );

  test('an empty range is one', async () => {
    stub = await startStub('etcd', answering(200, '{"header":{"revision":"1"}}'));
    expect(await stub.registry.client('n1').discover('s', LIMIT)).toEqual({ outcome: 'ok', value: [] });
  });
});

describe('on the wire', () => {
  test('connections are kept, and overlapping requests do not wait for each other', async () => {
    stub = await startStub('etcd', answering(200, '{}'));
    const client = stub.registry.client('n1');
    for (let i = 0; i < 20; i++) await client.register(ENTRY, LIMIT);
    expect(stub.connections()).toBe(1);
    stub.react = () => {};
    const hanging = Array.from({ length: 5 }, () => client.register(ENTRY, { limitMs: 300 }));
    await Promise.all(hanging);
    expect(stub.connections()).toBe(5);
  });

  test('one signal may end many overlapping calls, without a warning', async () => {
    stub = await startStub('etcd', () => {});
    const client = stub.registry.client('n1');
    const warnings: Error[] = [];
    const note = (warning: Error): void => void warnings.push(warning);
    process.on('warning', note);
    const cancel = new AbortController();
    const calls = Array.from({ length: 30 }, () => client.register(ENTRY, { limitMs: 5_000, signal: cancel.signal }));
    setTimeout(() => cancel.abort(), 50);
    const answers = await Promise.all(calls);
    expect(new Set(answers.map((answer) => answer.outcome))).toEqual(new Set(['unknown']));
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', note);
    expect(warnings).toEqual([]);
  });

  test('keys, ranges and leases as etcd wants them', async () => {
    stub = await startStub('etcd', answering(200, '{}'));
    const client = stub.registry.client('n1');
    await client.register({ ...ENTRY, leaseId: '7587888' }, LIMIT);
    await client.discover('s', LIMIT);
    await client.listOwn(LIMIT);
    await client.grantLease(1_500, LIMIT);
    const b64 = (text: string): string => Buffer.from(text).toString('base64');
    expect(stub.seen.map(({ path, body }) => [path, JSON.parse(body)])).toEqual([
      ['/v3/kv/put', { key: b64('/services/s/i'), value: b64('v'), lease: '7587888' }],
      ['/v3/kv/range', { key: b64('/services/s/'), range_end: b64('/services/s0'), limit: 10_000 }],
      ['/v3/kv/range', { key: b64('/services/'), range_end: b64('/services0'), serializable: true, limit: 10_000 }],
      ['/v3/lease/grant', { TTL: 2 }],
    ]);
  });

  test('etcd 3.5 and later are asked for their own list of members, 3.4 is not told what it does not know', async () => {
    for (const [version, body] of [
      ['3.4.23', {}],
      ['3.5.21', { linearizable: false }],
      ['3.6.0', { linearizable: false }],
    ] as const) {
      const status = { header: { member_id: '1', cluster_id: '255' }, version, leader: '2', raftTerm: '3' };
      const members = { members: [{ ID: '2', name: 'elsewhere', clientURLs: ['http://10.0.0.9:2379'] }] };
      stub = await startStub('etcd', (request, response) =>
        answering(200, JSON.stringify(request.url?.endsWith('status') ? status : members))(request, response),
      );
      expect(await stub.registry.client('n1').status(LIMIT)).toMatchObject({
        outcome: 'ok',
        value: { leader: 'elsewhere', clusterId: 'ff', term: 3 },
      });
      expect(JSON.parse(stub.seen[1]?.body ?? '')).toEqual(body);
      await stub.close();
    }
    stub = undefined;
  });

  test('a snapshot that breaks off is not taken for whole', async () => {
    const part = (remaining: number) => JSON.stringify({ result: { remaining_bytes: `${remaining}`, blob: 'AAAA' } });
    const cases = [
      ['', 'unknown'],
      [part(9), 'unknown'],
      [`${part(9)}\n{"error":{"message":"boom"}}`, 'unknown'],
      [`${part(9)}\n{"resu`, 'unknown'],
      [`${part(3)}\n{"result":{"blob":"AAAA"}}\n`, 'ok'],
    ] as const;
    for (const [stream, outcome] of cases) {
      stub = await startStub('etcd', answering(200, stream));
      expect((await stub.registry.backup.exportFrom('n1', LIMIT)).outcome, stream).toBe(outcome);
      await stub.close();
    }
    stub = undefined;
  });
});

describe('identify', () => {
  test('tells antietcd from etcd', async () => {
    const cases = [
      [
        { version: 'antietcd 1.3.1', header: {} },
        { product: 'antietcd', version: '1.3.1', clusterId: null },
      ],
      [
        { version: '3.6.1', header: { cluster_id: '255' } },
        { product: 'etcd', version: '3.6.1', clusterId: 'ff' },
      ],
    ] as const;
    for (const [status, identity] of cases) {
      stub = await startStub('etcd', answering(200, JSON.stringify(status)));
      const nodes = [
        { name: 'dead', url: `http://127.0.0.1:${await freePort()}` },
        { name: 'n1', url: stub.url },
      ];
      expect(await registries.find('etcd')?.identify(nodes, LIMIT)).toEqual(identity);
      await stub.close();
    }
    stub = undefined;
  });

  test('says of each node why it did not tell', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    await expect(registries.find('etcd')?.identify([{ name: 'n1', url }], LIMIT)).rejects.toMatchObject({
      code: 'registry-unreachable',
      text: { en: expect.stringContaining('ECONNREFUSED'), zh: expect.stringContaining(url) },
    });
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
