/** The parts of the ZooKeeper adapter that need no server. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LAYOUT_NAMES } from '../../../src/core/drill.js';
import { adler32 } from '../../../src/registries/zookeeper/adler32.js';
import { frameCutter, framed } from '../../../src/registries/zookeeper/frames.js';
import { zookeeper } from '../../../src/registries/zookeeper/index.js';
import { LAYOUTS } from '../../../src/registries/zookeeper/layouts.js';
import { leaseIdOf, sessionOf } from '../../../src/registries/zookeeper/lease.js';
import { fromNodeName, isNodeName, toNodeName } from '../../../src/registries/zookeeper/names.js';
import { snapshotProblem, zxidOf } from '../../../src/registries/zookeeper/snapshot-file.js';
import { treeIn } from '../../../src/registries/zookeeper/snapshot-tree.js';

/** Of a real server of 3.9.5 whose tree is empty. */
const SNAPSHOT = readFileSync(join(import.meta.dirname, 'empty-tree.zksn'));
const name = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => text.isWellFormed());

describe('names', () => {
  test('any name is a node’s name, and comes back', () => {
    fc.assert(
      fc.property(name, (text) => {
        expect(isNodeName(toNodeName(text))).toBe(true);
        expect(fromNodeName(toNodeName(text))).toBe(text);
      }),
    );
  });

  test('what people use stays readable', () => {
    expect(['10.0.0.1:8080', 'order-service', '实例-1'].map(toNodeName)).toEqual([
      '10.0.0.1:8080',
      'order-service',
      '实例-1',
    ]);
    expect(['.', '..', 'a/b', '100%'].map(toNodeName)).toEqual(['%2E', '%2E%2E', 'a%2Fb', '100%25']);
  });
});

describe.each(LAYOUT_NAMES)('layout %s', (layoutName) => {
  const layout = LAYOUTS[layoutName];

  test('what is written is what is read', () => {
    fc.assert(
      fc.property(name, fc.string(), (instance, value) => {
        const entry = { service: 'order-service', instance, value };
        if (layout.problem(entry) !== null) return;
        expect(layout.instanceOf(layout.nodeOf(instance))).toBe(instance);
        expect(layout.valueOf(layout.dataOf(entry))).toBe(value);
      }),
    );
  });
});

describe('the layouts of others', () => {
  test('Curator: its own instances are left as they are, ours can be read by it', () => {
    const foreign = JSON.stringify({
      name: 's',
      id: 'u-1',
      address: 'h',
      port: 1,
      serviceType: 'DYNAMIC',
      payload: 'p',
    });
    const { curator } = LAYOUTS;
    expect(curator.valueOf(foreign)).toBe(foreign);
    expect(curator.dataOf({ service: 's', instance: 'u-1', value: foreign })).toBe(foreign);
    expect(curator.folderOf('/base', 's')).toBe('/base/s');
    const ours = curator.dataOf({ service: 's', instance: 'c1', value: '{"ip":"10.0.0.1","port":80}' });
    expect(JSON.parse(ours)).toMatchObject({
      name: 's',
      id: 'c1',
      address: '10.0.0.1',
      port: 80,
      serviceType: 'DYNAMIC',
    });
  });

  test('Spring Cloud: the status is in the metadata of its payload', () => {
    const data = LAYOUTS['spring-cloud'].dataOf({ service: 's', instance: 'i', value: 'v' });
    expect(JSON.parse(data).payload).toMatchObject({ id: 'i', name: 's', metadata: { instance_status: 'UP' } });
  });

  test('Dubbo: the name is the URL as Java encodes it, below providers', () => {
    const url = 'dubbo://10.0.0.1:20880/com.foo.Bar?side=provider&methods=a,b&note=x y*';
    const { nodeOf, instanceOf, folderOf } = LAYOUTS.dubbo;
    expect(nodeOf(url)).toBe(
      'dubbo%3A%2F%2F10.0.0.1%3A20880%2Fcom.foo.Bar%3Fside%3Dprovider%26methods%3Da%2Cb%26note%3Dx+y*',
    );
    expect(instanceOf(nodeOf(url))).toBe(url);
    expect(folderOf('/dubbo', 'com.foo.Bar')).toBe('/dubbo/com.foo.Bar/providers');
  });

  test.each(['a/b', '.', '..', ''])('a name that Curator’s layout cannot hold is refused: %j', (instance) => {
    expect(LAYOUTS.curator.problem({ service: 's', instance })).not.toBeNull();
  });
});

describe('snapshot', () => {
  test('a real one is sound, and can be read', () => {
    expect(snapshotProblem(SNAPSHOT)).toBeNull();
    expect(zxidOf(SNAPSHOT)).toBe(0x1_0000_0000n);
    expect(treeIn(SNAPSHOT).nodes.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['', '/zookeeper', '/zookeeper/config', '/zookeeper/quota']),
    );
  });

  test('cut off anywhere it is refused: a server would serve an empty tree', () => {
    for (let length = 0; length < SNAPSHOT.length; length += 1)
      expect(snapshotProblem(SNAPSHOT.subarray(0, length)), `${length} bytes`).not.toBeNull();
  });

  test('with any bit flipped it is refused', () => {
    fc.assert(
      fc.property(fc.nat(SNAPSHOT.length - 1), fc.nat(7), (at, bit) => {
        const flipped = Uint8Array.from(SNAPSHOT);
        flipped[at] = (flipped[at] ?? 0) ^ (1 << bit);
        expect(snapshotProblem(flipped)).not.toBeNull();
      }),
      { numRuns: 1_000 },
    );
  });

  test('Adler-32 as others have it, also over many blocks', () => {
    expect(adler32(Buffer.from('Wikipedia'))).toBe(0x11e6_0398);
    expect(adler32(Buffer.alloc(1_000_000, 255))).toBe(slowAdler(1_000_000, 255));
  });
});

/** By the definition, one byte after the other. */
function slowAdler(count: number, byte: number): number {
  let [a, b] = [1, 0];
  for (let i = 0; i < count; i += 1) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  return b * 65_536 + a;
}

test('frames come out as they went in, however the stream is cut', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), fc.integer({ min: 1, max: 9 }), (frames, step) => {
      const stream = Buffer.concat(frames.map((frame) => framed([frame])));
      const found: string[] = [];
      const cut = frameCutter((frame) => found.push(frame.toString('hex')));
      for (let at = 0; at < stream.length; at += step) cut(stream.subarray(at, at + step));
      expect(found).toEqual(frames.map((frame) => Buffer.from(frame).toString('hex')));
    }),
  );
});

test('a lease’s id holds all that another process needs; any text is some session', () => {
  const session = { id: -0x7fff_0000_0000_0001n, password: Buffer.from('00112233445566778899aabbccddeeff', 'hex') };
  expect(sessionOf(leaseIdOf({ ...session, timeoutMs: 4_000 }))).toEqual({ ...session, timeoutMs: 4_000 });
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(sessionOf(text).password).toHaveLength(16);
    }),
  );
});

describe('an AdminServer that answers 200 whatever happens', () => {
  const answers = new Map<string, object>();
  const server = createServer((request, response) => {
    const command = (request.url ?? '').replace('/commands/', '').replace(/\?.*/, '');
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ command, error: `Unknown command: ${command}`, ...answers.get(command) }));
  });
  const NOT_SERVING = { error: 'This ZooKeeper instance is not currently serving requests' };
  beforeAll(() => new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', () => resolve())));
  afterAll(() => void server.close());
  const connected = () => {
    const { port } = server.address() as AddressInfo;
    const find = { by: 'argument', text: 'none' } as const;
    const node = {
      name: 'n1',
      url: 'zookeeper://127.0.0.1:1',
      adminUrl: `http://127.0.0.1:${port}`,
      find,
      start: ['x'],
    };
    return zookeeper.connect({ nodes: [node], prefix: '/services/', product: 'zookeeper' });
  };

  test('without a quorum there is no leader, whatever the HTTP status says', async () => {
    for (const command of ['leader', 'srvr', 'voting_view', 'conf']) answers.set(command, NOT_SERVING);
    answers.set('environment', { error: null, 'zookeeper.version': '3.9.5-293c, built on 2026-02-11' });
    const registry = connected();
    expect(await registry.client('n1').status({ limitMs: 1_000 })).toMatchObject({
      outcome: 'ok',
      value: { leader: null, version: '3.9.5' },
    });
    registry.close();
  });

  test('an observer has no vote', async () => {
    answers.set('leader', { error: null, is_leader: false, leader_id: 2 });
    answers.set('srvr', {
      error: null,
      version: '3.9.5-x',
      read_only: false,
      server_stats: { last_processed_zxid: 2 ** 32 + 7 },
    });
    answers.set('conf', { error: null, server_id: 1 });
    answers.set('voting_view', { error: null, current_config: { 2: { client_address: '127.0.0.1:2' } } });
    const registry = connected();
    expect(await registry.client('n1').status({ limitMs: 1_000 })).toMatchObject({
      value: { leader: 'server.2', voter: false, term: 1, revision: 2 ** 32 + 7 },
    });
    registry.close();
  });

  test('3.8 has no snapshot command: a definite no, with the reason', async () => {
    const registry = connected();
    const answer = await registry.backup.exportFrom('n1', { limitMs: 1_000 });
    expect(answer).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('3.9') });
    registry.close();
  });
});
