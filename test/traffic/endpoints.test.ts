import { expect, test } from 'vitest';
import { createEndpoints } from '../../src/traffic/endpoints.js';
import { memoryRegistry } from './memory-registry.js';

const { registry } = memoryRegistry(['n1', 'n2', 'n3']);

test('failover moves on once per failing endpoint, not per overlapping failure', () => {
  const endpoints = createEndpoints(registry, 'failover');
  const overlapping = Array.from({ length: 4 }, () => endpoints.choose('register', 'x'));
  expect(overlapping.map(({ client }) => client.node)).toEqual(['n1', 'n1', 'n1', 'n1']);
  overlapping[0]?.answered(false);
  expect(endpoints.choose('register', 'x').client.node).toBe('n2');
  for (const late of overlapping) late.answered(false);
  const next = endpoints.choose('renew', 'y');
  expect(next.client.node).toBe('n2');
  next.answered(true);
  expect(endpoints.choose('discover', 'z').client.node).toBe('n2');
});

test('failover comes round to the first, and a failure of the first round does not count again', () => {
  const endpoints = createEndpoints(registry, 'failover');
  const stale = endpoints.choose('register', 'x');
  for (let i = 0; i < 3; i += 1) endpoints.choose('register', 'x').answered(false);
  expect(endpoints.choose('register', 'x').client.node).toBe('n1');
  stale.answered(false);
  expect(endpoints.choose('register', 'x').client.node).toBe('n1');
});

test('failover stays with an endpoint that has answered a newer request of that kind', () => {
  const endpoints = createEndpoints(registry, 'failover');
  const hung = endpoints.choose('register', 'x');
  endpoints.choose('register', 'y').answered(true);
  hung.answered(false);
  expect(endpoints.choose('register', 'z').client.node).toBe('n1');
  // That it can still be read from says nothing of writes.
  const write = endpoints.choose('register', 'x');
  endpoints.choose('discover', 'y').answered(true);
  write.answered(false);
  expect(endpoints.choose('register', 'z').client.node).toBe('n2');
});

test('pinned asks the same node for the same key, whatever it answered, and uses them all', () => {
  const endpoints = createEndpoints(registry, 'pinned');
  const nodesOf = (key: string): readonly string[] =>
    [1, 2, 3].map(() => {
      const endpoint = endpoints.choose('register', key);
      endpoint.answered(false);
      return endpoint.client.node;
    });
  const used = new Set<string>();
  for (let i = 0; i < 30; i += 1) {
    const nodes = new Set(nodesOf(`service/${i}`));
    expect(nodes.size).toBe(1);
    for (const node of nodes) used.add(node);
  }
  expect([...used].sort()).toEqual(['n1', 'n2', 'n3']);
});

test('each-node takes every node in turn, each operation for itself', () => {
  const endpoints = createEndpoints(registry, 'each-node');
  const ask = (op: 'register' | 'discover'): string => endpoints.choose(op, 'x').client.node;
  expect([ask('register'), ask('discover'), ask('register'), ask('discover'), ask('register')]).toEqual([
    'n1',
    'n1',
    'n2',
    'n2',
    'n3',
  ]);
  expect(endpoints.turns).toBe(3);
});
