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

test('where there are only leased instances, all have to be there; without one of them nothing is proved', () => {
  const witness = new Witness();
  const leased = ['a', 'b'].map((name) => entry(name, { leased: true }));
  witness.expect('order-service', leased);
  expect(witness.judge('order-service', leased)).toEqual({ expected: 2, missing: [] });
  const gone = { expected: 2, unsure: expect.stringContaining('of 2 leased instances are gone') };
  expect(witness.judge('order-service', [])).toEqual({ ...gone, missing: ['a', 'b'] });
  expect(witness.judge('order-service', leased.slice(1))).toEqual({ ...gone, missing: ['a'] });
});

test('an expectation of nothing is never met', () => {
  const witness = new Witness();
  witness.expect('order-service', []);
  for (const answer of [[], [entry('a')]]) {
    expect(witness.judge('order-service', answer)).toMatchObject({ expected: 0, unsure: expect.any(String) });
  }
});

test('a service that was not witnessed is not judged, and a later expectation replaces the earlier one', () => {
  const witness = new Witness();
  expect(witness.judge('order-service', [])).toBeNull();
  witness.expect('order-service', [entry('a'), entry('b')]);
  witness.expect('order-service', [entry('b')]);
  expect(witness.judge('order-service', [entry('b')])).toEqual({ expected: 1, missing: [] });
});
