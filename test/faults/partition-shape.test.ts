/** Who cannot reach whom, and who loses its vote: laws over all shapes, and the guard that counts them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FaultRequest } from '../../src/core/fault.js';
import { votersLostTo } from '../../src/core/fault.js';
import { majorityOf } from '../../src/core/members.js';
import { networkPartition } from '../../src/faults/network-partition.js';
import { ourLines, removingRules } from '../../src/faults/packet-rules.js';
import { hostsOf } from '../../src/faults/partition-record.js';
import { addingRules } from '../../src/faults/partition-rules.js';
import { type Cut, cutsOf, cutsText, SHAPES, votersLostBy } from '../../src/faults/partition-shape.js';

type Params = FaultRequest['params'];
const names = (count: number): readonly string[] => Array.from({ length: count }, (_, i) => `n${i + 1}`);
const cutsFor = (nodes: readonly string[], params: Params, all: readonly string[]): readonly Cut[] => {
  const cuts = cutsOf({ nodes, params, all });
  if (!cuts.fits) throw new Error(cuts.why.en);
  return cuts.cuts;
};
const whyNot = (nodes: readonly string[], params: Params, all: readonly string[]): string => {
  const cuts = cutsOf({ nodes, params, all });
  return cuts.fits ? '' : cuts.why.en;
};
const pairs = (cuts: readonly Cut[]): readonly string[] => cuts.map(({ from, to }) => `${from}${to}`).toSorted();
const lost = (nodes: readonly string[], params: Params, all: readonly string[]): readonly string[] =>
  votersLostTo(networkPartition, { nodes, params, all, voters: all });

const anyHit = fc.integer({ min: 2, max: 9 }).chain((count) =>
  fc.record({
    all: fc.constant(names(count)),
    nodes: fc.subarray([...names(count)]),
    shape: fc.constantFrom(...SHAPES),
    direction: fc.constantFrom('both', 'in', 'out'),
  }),
);

describe('shapes', () => {
  it.each([
    [['n1'], { shape: 'leader' }, 3, ['n1n2', 'n1n3', 'n2n1', 'n3n1'], ['n1']],
    [['n1'], { shape: 'minority', direction: 'in' }, 3, ['n2n1', 'n3n1'], ['n1']],
    [['n1'], { shape: 'minority', direction: 'out' }, 3, ['n1n2', 'n1n3'], ['n1']],
    [['n2', 'n3'], { shape: 'site' }, 3, ['n1n2', 'n1n3', 'n2n1', 'n3n1'], ['n1']],
    [['n2'], { shape: 'bridge' }, 3, ['n1n3', 'n3n1'], []],
    [['n1', 'n2'], { shape: 'majority' }, 3, ['n1n2', 'n1n3', 'n2n1', 'n2n3', 'n3n1', 'n3n2'], ['n1', 'n2', 'n3']],
    [names(4), { shape: 'ring' }, 4, ['n1n3', 'n2n4', 'n3n1', 'n4n2'], []],
    [
      names(5),
      { shape: 'ring' },
      5,
      ['n1n3', 'n1n4', 'n2n4', 'n2n5', 'n3n1', 'n3n5', 'n4n1', 'n4n2', 'n5n2', 'n5n3'],
      [],
    ],
    [['n1', 'n2'], { groups: 'n1, n2' }, 4, ['n1n3', 'n1n4', 'n2n3', 'n2n4', 'n3n1', 'n3n2', 'n4n1', 'n4n2'], names(4)],
  ] as const)('on %j with %j of %i: %j, without a majority: %j', (nodes, params, count, cut, voteless) => {
    expect(pairs(cutsFor(nodes, params, names(count)))).toEqual(cut);
    expect(lost(nodes, params, names(count))).toEqual(voteless);
  });

  it.each([
    [['n1'], {}, 'either “shape” or “groups”'],
    [['n1'], { shape: 'leader', groups: 'n1' }, 'either “shape” or “groups”'],
    [['n1', 'n2'], { shape: 'leader' }, 'the leader alone; 2 of 3'],
    [['n1', 'n2'], { shape: 'minority' }, 'fewer than half'],
    [['n1'], { shape: 'majority' }, 'more than half'],
    [['n1', 'n2', 'n3'], { shape: 'site' }, 'not all'],
    [['n1', 'n2', 'n3'], { shape: 'ring' }, 'at least four nodes'],
    [['n1'], { shape: 'bridge', direction: 'in' }, 'one way'],
    [['n1'], { groups: 'n1|n4' }, 'n4'],
    [['n1'], { groups: 'n1|n1' }, 'there twice'],
    [['n1'], { groups: '' }, 'no node of the target'],
    [['n1'], { groups: 'n2' }, '“on” must choose exactly'],
    [['n1', 'n2', 'n3'], { groups: 'n1,n2,n3' }, 'separates nothing'],
  ] as const)('on %j with %j is refused: %s', (nodes, params, said) => {
    expect(whyNot(nodes, params, names(3))).toContain(said);
  });

  it('cut pairs of known, different nodes, each once; both ways means both; rules stand at one end of each', () => {
    fc.assert(
      fc.property(anyHit, ({ all, nodes, shape, direction }) => {
        const told = cutsOf({ nodes, all, params: { shape, direction } });
        if (!told.fits) return;
        const { cuts } = told;
        const keys = pairs(cuts);
        expect(new Set(keys).size).toBe(keys.length);
        for (const { from, to } of cuts) expect(from !== to && all.includes(from) && all.includes(to)).toBe(true);
        if (direction === 'both') expect(pairs(cuts.map(({ from, to }) => ({ from: to, to: from })))).toEqual(keys);
        expect(pairs([...hostsOf(cuts, nodes).values()].flat())).toEqual(keys);
        expect(cutsText(cuts).en.match(/n\d/g)?.toSorted()).toEqual(
          expect.arrayContaining([...new Set(cuts.map(({ from }) => from))].slice(0, 1)),
        );
      }),
    );
  });

  it('who keeps its vote reaches a node that reaches a majority; a minority loses, and only it', () => {
    fc.assert(
      fc.property(anyHit, ({ all, nodes }) => {
        fc.pre(nodes.length > 0 && nodes.length < all.length);
        const rest = all.filter((node) => !nodes.includes(node));
        const need = majorityOf(all.length);
        const losers = votersLostBy(cutsFor(nodes, { shape: 'site' }, all), all);
        const expected = all.filter((node) => (nodes.includes(node) ? nodes : rest).length < need);
        expect(losers).toEqual(expected);
      }),
    );
  });
});

describe('rules', () => {
  const rules = [
    { chain: 'INPUT', address: '10.0.0.2' },
    { chain: 'OUTPUT', address: '10.0.0.2' },
  ] as const;

  it('only lines with our whole mark are ours', () => {
    const saved = [
      '-A INPUT -s 10.0.0.2/32 -m comment --comment firedrill-r1-cut -j DROP',
      '-A INPUT -s 10.0.0.3/32 -m comment --comment "firedrill-r1-cut" -j DROP',
      '-A INPUT -s 10.0.0.2/32 -m comment --comment firedrill-r1-cut-2 -j DROP',
      '-A INPUT -s 10.0.0.2/32 -m comment --comment somebody -j DROP',
      ':INPUT ACCEPT [0:0]',
    ];
    expect(ourLines(saved.join('\n'), 'firedrill-r1-cut')).toEqual(saved.slice(0, 2));
    expect(removingRules(saved.slice(0, 1))).toBe(`*filter\n${saved[0]?.replace('-A', '-D')}\nCOMMIT\n`);
  });

  it('drop and reset', () => {
    expect(addingRules(rules, 'm', 'drop')).toBe(
      '*filter\n-I INPUT -s 10.0.0.2 -m comment --comment m -j DROP\n-I OUTPUT -d 10.0.0.2 -m comment --comment m -j DROP\nCOMMIT\n',
    );
    expect(addingRules(rules, 'm', 'reset').match(/tcp-reset/g)).toHaveLength(2);
  });
});
