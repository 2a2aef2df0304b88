import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chanceOf, lostBounds, triesFor } from '../../src/faults/loss-bounds.js';

const percents = fc.integer({ min: 5, max: 80 });
const crossings = fc.integer({ min: 1, max: 4 });

describe('bounds of a measured loss', () => {
  test('no loss at all is never within them, and neither is a node that takes no connection', () => {
    fc.assert(
      fc.property(percents, fc.integer({ min: 1, max: 2 }), (percent, places) => {
        const chance = chanceOf(percent, places);
        const tries = triesFor(chance);
        const { least, most } = lostBounds(tries, chance);
        expect(least).toBeGreaterThan(0);
        expect(most).toBeLessThan(tries);
      }),
    );
  });

  test('hold what is expected, and grow with the loss', () => {
    fc.assert(
      fc.property(percents, crossings, (percent, places) => {
        const chance = chanceOf(percent, places);
        const tries = triesFor(chance);
        const { least, most } = lostBounds(tries, chance);
        expect(least).toBeLessThanOrEqual(Math.ceil(tries * (1 - chance)));
        expect(most).toBeGreaterThanOrEqual(Math.floor(tries * (1 - chance)));
        const more = lostBounds(tries, chance * 0.8);
        expect(more.least).toBeGreaterThanOrEqual(least);
        expect(more.most).toBeGreaterThanOrEqual(most);
      }),
    );
  });

  test('a thousand bursts of a real loss: at most a few outside', () => {
    const chance = chanceOf(10, 1);
    const tries = triesFor(chance);
    const { least, most } = lostBounds(tries, chance);
    expect({ tries, least, most }).toEqual({ tries: 66, least: 1, most: 15 });
    let seed = 7;
    const random = (): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    const lost = Array.from(
      { length: 1_000 },
      () => Array.from({ length: tries }, random).filter((x) => x >= chance).length,
    );
    expect(lost.filter((n) => n < least || n > most).length).toBeLessThan(8);
  });
});
