import { expect, test } from 'vitest';
import type { Entry } from '../../src/core/registry.js';
import { Witness } from '../../src/traffic/witness.js';

const entry = (instance: string, some: Partial<Entry> = {}): Entry => ({
  service: 'order-service',
  instance,
  value: 'v1',
  leased: false,
  ...some,
});

test('what was listed has to be listed again; its value and what is new are its owner’s business', () => {
  const witness = new Witness();
  witness.expect('order-service', [entry('a'), entry('b')]);
  expect(witness.judge('order-service', [entry('a', { value: 'v2' }), entry('b'), entry('c')])).toEqual({
    expected: 2,
    missing: [],
  });
  expect(witness.judge('order-service', [entry('b')])).toEqual({ expected: 2, missing: ['a'] });
  expect(witness.judge('order-service', [])).toEqual({ expected: 2, missing: ['a', 'b'] });
});

test('a leased instance may go at any time', () => {
  const witness = new Witness();
  witness.expect('order-service', [entry('a'), entry('b', { leased: true })]);
  expect(witness.judge('order-service', [entry('a')])).toEqual({ expected: 1, missing: [] });
});

test('a service that was not witnessed is not judged, and a later expectation replaces the earlier one', () => {
  const witness = new Witness();
  expect(witness.judge('order-service', [])).toBeNull();
  witness.expect('order-service', [entry('a'), entry('b')]);
  witness.expect('order-service', [entry('b')]);
  expect(witness.judge('order-service', [entry('b')])).toEqual({ expected: 1, missing: [] });
});
