import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Entry } from '../../src/core/registry.js';
import { Expectation, type Write } from '../../src/traffic/expectation.js';
import { durableSlot, keyOf, rawOf, type Slot } from '../../src/traffic/population.js';

const SERVICE = 's';
const slots = [0, 1, 2, 3].map((n) => durableSlot([SERVICE], n));

/** One step of a history in which each entry has at most one operation in flight. */
type WriteStep =
  | { readonly do: 'issue'; readonly entry: number; readonly remove: boolean }
  | { readonly do: 'arrive'; readonly entry: number }
  | { readonly do: 'answer'; readonly entry: number; readonly outcome: 'ok' | 'failed' | 'unknown' };
type Step = WriteStep | { readonly do: 'ask' } | { readonly do: 'look' } | { readonly do: 'judge' };

const entryArbitrary = fc.integer({ min: 0, max: slots.length - 1 });
const stepArbitrary: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('issue' as const), entry: entryArbitrary, remove: fc.boolean() }),
  fc.record({ do: fc.constant('arrive' as const), entry: entryArbitrary }),
  fc.record({
    do: fc.constant('answer' as const),
    entry: entryArbitrary,
    outcome: fc.constantFrom('ok' as const, 'failed' as const, 'unknown' as const),
  }),
  fc.constantFrom<Step>({ do: 'ask' }, { do: 'look' }, { do: 'judge' }),
);

interface InFlight {
  readonly write: Write;
  arrived: boolean;
  answered: boolean;
}

/** An honest registry, its clients, and one discover that overlaps with whatever else goes on. */
class World {
  readonly expectation = new Expectation();
  readonly registry = new Map<string, Entry>();
  readonly #inFlight = new Map<Slot, InFlight>();
  readonly #versions = new Map<Slot, number>();
  #nowMs = 0;
  #askedMs: number | null = null;
  #seen: readonly Entry[] | null = null;

  take(step: Step): void {
    this.#nowMs += 1;
    if (step.do === 'ask') this.#askedMs ??= this.#nowMs;
    else if (step.do === 'look') this.#seen ??= this.#askedMs === null ? null : [...this.registry.values()];
    else if (step.do === 'judge') this.#judge();
    else this.#write(step, slots[step.entry] ?? durableSlot([SERVICE], 0));
  }

  /** Everything in flight is answered, so that only unknown operations leave doubts. */
  settle(): void {
    for (const slot of slots) this.#write({ do: 'answer', entry: 0, outcome: 'ok' }, slot);
    this.#nowMs += 1;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  #write(step: WriteStep, slot: Slot): void {
    const current = this.#inFlight.get(slot);
    switch (step.do) {
      case 'issue':
        if (current === undefined) this.#issue(slot, step.remove);
        return;
      case 'arrive':
        if (current !== undefined) this.#arrive(current);
        return;
      case 'answer':
        if (current !== undefined && !current.answered) this.#answer(current, step.outcome);
    }
  }

  #issue(slot: Slot, remove: boolean): void {
    const version = (this.#versions.get(slot) ?? 0) + 1;
    this.#versions.set(slot, version);
    const write = { slot, durable: true, left: remove ? null : version };
    this.expectation.issued(write);
    this.#inFlight.set(slot, { write, arrived: false, answered: false });
  }

  #arrive(current: InFlight): void {
    if (current.arrived) return;
    current.arrived = true;
    const { slot, left } = current.write;
    if (left === null) this.registry.delete(keyOf(slot));
    else this.registry.set(keyOf(slot), { ...slot, value: rawOf(slot, left), leased: false });
  }

  /** What has arrived cannot have failed for certain; an unknown operation ends the writing of its entry. */
  #answer(current: InFlight, wanted: 'ok' | 'failed' | 'unknown'): void {
    const outcome = wanted === 'failed' && current.arrived ? 'unknown' : wanted;
    if (outcome === 'ok') this.#arrive(current);
    current.answered = true;
    if (outcome !== 'unknown') this.#inFlight.delete(current.write.slot);
    this.expectation.settled(current.write, outcome, this.#nowMs);
  }

  #judge(): void {
    if (this.#askedMs === null || this.#seen === null) return;
    expect(this.expectation.judge(SERVICE, this.#seen, this.#askedMs).missing).toEqual([]);
    this.#askedMs = null;
    this.#seen = null;
  }
}

const historyArbitrary = fc.array(stepArbitrary, { minLength: 1, maxLength: 120, size: 'max' });

describe('what must be there', () => {
  test('an honest registry is never found incomplete, whatever overlaps', () => {
    fc.assert(
      fc.property(historyArbitrary, (history) => {
        const world = new World();
        for (const step of history) world.take(step);
      }),
      { numRuns: 500 },
    );
  });

  test('what must be there is there, and what is there is expected or tolerated', () => {
    fc.assert(
      fc.property(historyArbitrary, (history) => {
        const world = new World();
        for (const step of history) world.take(step);
        world.settle();
        const { must, tolerated } = world.expectation.expected();
        for (const [key, raw] of must) expect(world.registry.get(key)?.value).toBe(raw);
        for (const key of world.registry.keys()) expect(must.has(key) || tolerated.has(key)).toBe(true);
        for (const key of tolerated) expect(must.has(key)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  test('every entry that is hidden or old is noticed', () => {
    fc.assert(
      fc.property(historyArbitrary, (history) => {
        const world = new World();
        for (const step of history) world.take(step);
        world.settle();
        for (const key of world.expectation.expected().must.keys()) {
          const slot = slots.find((one) => keyOf(one) === key);
          if (slot === undefined) throw new Error(`${key} is nobody's`);
          const others = [...world.registry.values()].filter((entry) => entry.instance !== slot.instance);
          const old = { ...slot, value: rawOf(slot, 0), leased: false };
          for (const answer of [others, [...others, old]]) {
            expect(world.expectation.judge(SERVICE, answer, world.nowMs).missing).toEqual([slot.instance]);
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('at the edges', () => {
  const slot = durableSlot([SERVICE], 0);
  const registered = (version: number): Write => ({ slot, durable: true, left: version });
  const entry = (version: number): Entry => ({ ...slot, value: rawOf(slot, version), leased: false });

  const acknowledged = (): Expectation => {
    const expectation = new Expectation();
    expectation.issued(registered(1));
    expectation.settled(registered(1), 'ok', 10);
    return expectation;
  };

  test('an entry counts only for discovers issued after its acknowledgement', () => {
    const expectation = acknowledged();
    expect(expectation.judge(SERVICE, [], 9)).toEqual({ expected: 0, missing: [] });
    expect(expectation.judge(SERVICE, [], 10)).toEqual({ expected: 1, missing: [slot.instance] });
  });

  test('an overwrite without an answer leaves two legal values, but not absence', () => {
    const expectation = acknowledged();
    expectation.issued(registered(2));
    expectation.settled(registered(2), 'unknown', 20);
    expect(expectation.judge(SERVICE, [entry(1)], 30).missing).toEqual([]);
    expect(expectation.judge(SERVICE, [entry(2)], 30).missing).toEqual([]);
    expect(expectation.judge(SERVICE, [entry(3)], 30).missing).toEqual([slot.instance]);
    expect(expectation.judge(SERVICE, [], 30).missing).toEqual([slot.instance]);
    expect(expectation.expected()).toEqual({ must: new Map(), tolerated: new Set([keyOf(slot)]) });
  });

  test('a removal without an answer makes absence legal', () => {
    const expectation = acknowledged();
    expectation.issued({ slot, durable: true, left: null });
    expect(expectation.judge(SERVICE, [], 30)).toEqual({ expected: 0, missing: [] });
  });

  test('after a restore the durable entries are those of the archive; leased ones stay expected', () => {
    const expectation = acknowledged();
    const leased = { slot: durableSlot([SERVICE], 1), durable: false, left: 1 };
    const late = { slot: durableSlot([SERVICE], 2), durable: true, left: 4 };
    for (const write of [leased, late]) {
      expectation.issued(write);
      expectation.settled(write, 'ok', 20);
    }
    const archived = [
      { instance: slot.instance, raw: rawOf(slot, 1) },
      { instance: 'd00009', raw: rawOf(durableSlot([SERVICE], 9), 3) },
      { instance: 'not-ours', raw: '{}' },
      { instance: leased.slot.instance, raw: rawOf(leased.slot, 1) },
    ];
    expect(expectation.rebase(SERVICE, archived, 50)).toEqual({ kept: 2, dropped: 1 });
    expect([...expectation.expected().must.keys()].sort()).toEqual([
      `${SERVICE}/d00000`,
      `${SERVICE}/d00001`,
      `${SERVICE}/d00009`,
    ]);
    expect(expectation.judge(SERVICE, [], 49).expected).toBe(1);
    expect(expectation.judge(SERVICE, [], 50).expected).toBe(3);
  });
});

test('nothing expected after a restore proves nothing; before it, nothing has been written yet', () => {
  const expectation = new Expectation();
  expect(expectation.judge(SERVICE, [], 1)).toEqual({ expected: 0, missing: [] });
  expectation.rebase(SERVICE, [], 2);
  expect(expectation.judge(SERVICE, [], 3)).toMatchObject({ expected: 0, unsure: expect.any(String) });
  const [slot] = slots;
  if (slot === undefined) throw new Error('there are slots');
  const write: Write = { slot, durable: true, left: 1 };
  expectation.issued(write);
  expectation.settled(write, 'ok', 4);
  const there: Entry = { service: SERVICE, instance: slot.instance, value: rawOf(slot, 1), leased: false };
  expect(expectation.judge(SERVICE, [there], 5)).toEqual({ expected: 1, missing: [] });
});
