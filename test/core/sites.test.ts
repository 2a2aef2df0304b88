import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Entry } from '../../src/core/registry.js';
import { compareSites } from '../../src/core/sites.js';

type Content = ReadonlyMap<string, string>;
const entries = (content: Content): readonly Entry[] =>
  [...content].map(([instance, value]) => ({ service: 's', instance, value, leased: false }));
const content = fc
  .dictionary(fc.constantFrom(...'abcdefgh'), fc.constantFrom('1', '2', '3'))
  .map((record): Content => new Map(Object.entries(record)));

test('every entry of either site is equal, missing, different or too many, and only one of these', () => {
  fc.assert(
    fc.property(content, content, content, (before, after, there) => {
      const found = compareSites({ before: entries(before), after: entries(after) }, entries(there));
      const { missing, different, extra } = found;
      expect(found.entries).toBe(new Set([...before.keys(), ...there.keys()]).size);
      expect(found.equal + missing.length + different.length + extra.length).toBe(found.entries);
      for (const key of missing) expect(there.has(key.slice(2))).toBe(false);
      for (const key of extra) expect(before.has(key.slice(2))).toBe(false);
      for (const key of different) expect(there.get(key.slice(2))).not.toBe(before.get(key.slice(2)));
    }),
  );
});

test('a standby that is exactly as the primary was, at either moment, is equal', () => {
  fc.assert(
    fc.property(content, content, (before, after) => {
      for (const there of [before, after]) {
        const found = compareSites({ before: entries(before), after: entries(after) }, entries(there));
        expect(found.equal).toBe(found.entries);
      }
    }),
  );
});

test('what was there before and after, and is not at the standby, is missing, whatever else is', () => {
  fc.assert(
    fc.property(content, content, (before, there) => {
      const at = { before: entries(before), after: entries(before) };
      const { missing } = compareSites(at, entries(there));
      expect(missing).toEqual([...before.keys()].filter((key) => !there.has(key)).map((key) => `s/${key}`));
    }),
  );
});
