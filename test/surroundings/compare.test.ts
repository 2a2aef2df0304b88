import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Area, areasIn, asUndoData, KINDS, type Kind } from '../../src/surroundings/area.js';
import { changesBetween } from '../../src/surroundings/compare.js';

const area = (kind: Kind, of: string, things: readonly string[] | null): Area => ({ kind, of, things });
const told = (before: readonly Area[], now: readonly Area[]): readonly string[] =>
  changesBetween(before, now).map(({ what }) => what.en);

const areas = fc.uniqueArray(
  fc.record({
    kind: fc.constantFrom(...KINDS.filter((kind) => kind !== 'node')),
    of: fc.constantFrom('n1', 'n2'),
    things: fc.option(fc.array(fc.constantFrom('a', 'b', 'c'))),
  }),
  { selector: ({ kind, of }) => `${kind} ${of}` },
);

describe('a picture held against another', () => {
  test('the same picture has no changes, also after its way through the disk', () => {
    fc.assert(
      fc.property(areas, (before) => {
        const read = areasIn(JSON.parse(JSON.stringify(asUndoData(before))));
        expect(read).toEqual(before);
        const seen = before.filter(({ things }) => things !== null);
        expect(told(seen, read ?? [])).toEqual([]);
      }),
    );
  });

  test('what appears is named, as often as it does; what could not be seen before says nothing', () => {
    fc.assert(
      fc.property(areas, fc.nat(), (before, pick) => {
        const hit = before[pick % Math.max(1, before.length)];
        fc.pre(hit !== undefined);
        const now = before.map((one) => (one === hit ? { ...one, things: [...(one.things ?? []), 'a'] } : one));
        const mine = told([hit], now);
        expect(mine).toHaveLength(hit.things === null ? 0 : 1);
        for (const what of mine) expect(what).toContain('“a” was not there before');
      }),
    );
  });

  test('states: paused and gone count, a node that was so before does not, one that runs again neither', () => {
    const state = (is: string): readonly Area[] => [area('node', 'n1', [is])];
    expect(told(state('running'), state('frozen'))).toEqual(['n1 ran before and is paused or frozen now']);
    expect(changesBetween(state('running'), state('gone'))).toMatchObject([{ node: 'n1', gone: true }]);
    for (const [was, is] of [
      ['running', 'running'],
      ['frozen', 'frozen'],
      ['gone', 'running'],
      ['gone', 'gone'],
      ['frozen', 'running'],
    ] as const) {
      expect(told(state(was), state(is)), `${was} → ${is}`).toEqual([]);
    }
  });

  test('missing rules are no residue, missing networks and proxies are; what cannot be seen any more is told', () => {
    const without = (kind: Kind): readonly string[] => told([area(kind, 'n1', ['x'])], [area(kind, 'n1', [])]);
    expect(without('rules')).toEqual([]);
    expect(without('networks')).toEqual(['n1: network “x” was there before the drill']);
    expect(without('proxies')).toEqual(['n1: Toxiproxy “x” was there before the drill']);
    expect(told([area('rules', 'n1', [])], [area('rules', 'n1', null)])).toEqual([
      'n1: packet rule could be looked at before the drill, and cannot now',
    ]);
  });

  test('a record of another kind is refused', () => {
    for (const data of [{}, { areas: 1 }, { areas: [{}] }, { areas: [{ kind: 'moon', of: '', things: [] }] }]) {
      expect(areasIn(data)).toBeNull();
    }
  });
});
