import fc from 'fast-check';
import { expect, it } from 'vitest';
import { jsonBytes } from '../../src/backup/json-bytes.js';
import { someSnapshot } from './material.js';

const sameAsJson = (value: object, expected = 1): void => {
  expect(Buffer.from(jsonBytes(value, expected)).toString()).toBe(`${JSON.stringify(value, null, 2)}\n`);
};

it('gives the bytes that JSON.stringify gives, however little room was expected', () => {
  sameAsJson(someSnapshot());
  sameAsJson(someSnapshot(), 100_000);
  fc.assert(fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 6 })), (value) => sameAsJson(value)));
  fc.assert(fc.property(fc.array(fc.jsonValue()), (value) => sameAsJson(value)));
});

it('does so with more than fits together', () => {
  const text = '“中文”\n\u0000'.repeat(300);
  sameAsJson({
    services: Array.from({ length: 60 }, (_, n) => ({ name: `s${n}`, instances: [text, { text, n: [] }] })),
  });
});
