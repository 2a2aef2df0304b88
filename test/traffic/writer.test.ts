import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canaryVersion } from '../../src/core/canary.js';
import { systemClock } from '../../src/core/clock.js';
import type { BodyOf, EventBody, JournalEvent } from '../../src/core/journal.js';
import { Attempts } from '../../src/traffic/attempts.js';
import { createEndpoints } from '../../src/traffic/endpoints.js';
import { Expectation } from '../../src/traffic/expectation.js';
import { Writer } from '../../src/traffic/writer.js';
import { type Fate, type MemoryRegistry, memoryRegistry } from './memory-registry.js';

interface Bench {
  readonly writer: Writer;
  readonly memory: MemoryRegistry;
  readonly expectation: Expectation;
  readonly attempts: readonly BodyOf<'attempt'>[];
  /** Throws what a fate has thrown. */
  readonly assertSound: () => void;
}

function bench(maxEntries: number): Bench {
  const memory = memoryRegistry();
  const attempts: BodyOf<'attempt'>[] = [];
  const append = (body: EventBody): JournalEvent => {
    if (body.type === 'attempt') attempts.push(body);
    return { ...body, seq: attempts.length, at: '', ms: 0, prev: '', hash: '' };
  };
  const runner = new Attempts({
    endpoints: createEndpoints(memory.registry, 'failover'),
    clock: systemClock,
    limitMs: 500,
    maxInFlight: 1_000,
    append,
    toRunMs: (ms) => ms,
  });
  const expectation = new Expectation();
  const writer = new Writer({ attempts: runner, expectation, services: ['a', 'b'], clock: systemClock, maxEntries });
  return { writer, memory, expectation, attempts, assertSound: () => runner.assertSound() };
}

const write = async (writer: Writer, count: number): Promise<void> => {
  for (let n = 0; n < count; n += 1) await writer.write(0);
};

describe('the durable mix', () => {
  test('of ten registrations two overwrite and eight are new; a removal of the oldest comes on top of them', async () => {
    const { writer, attempts } = bench(1_000);
    await write(writer, 20);
    const kinds = attempts.map(({ op, version }) => (op === 'deregister' ? '-' : version === 1 ? 'n' : 'o')).join('');
    expect(kinds).toBe('nnnonnnnon-nnnonnnnon-');
    expect(attempts.filter(({ op }) => op === 'deregister').map(({ entry }) => entry)).toEqual([
      'a/d00000',
      'b/d00001',
    ]);
    expect(attempts.every(({ durable, again }) => durable && !again)).toBe(true);
  });

  test('owners that register again bring back all they own, and nothing that they gave up', async () => {
    const fates = fc.array(fc.constantFrom<Fate>('ok', 'ok', 'failed', 'lost-before', 'lost-after'), {
      minLength: 30,
      maxLength: 80,
    });
    await fc.assert(
      fc.asyncProperty(fates, fc.boolean(), async (planned, leaveAlone) => {
        const { writer, memory, attempts, expectation } = bench(1_000);
        const left = [...planned];
        memory.fate = () => left.shift() ?? 'ok';
        await write(writer, planned.length);
        if (leaveAlone) writer.leaveAlone();
        memory.fate = () => 'ok';
        for (const key of [...memory.held.keys()]) memory.forget(key);
        const before = attempts.length;
        const { owned, back } = await writer.registerAllAgain(new AbortController().signal);
        expect(back).toBe(owned);
        // By the attempts alone: whose newest operation was no removal, unless that was refused.
        const newest = new Map<string, BodyOf<'attempt'>>();
        for (const attempt of attempts.slice(0, before)) {
          if (attempt.outcome !== 'failed') newest.set(attempt.entry, attempt);
        }
        const theirs = [...newest].filter(([, { op }]) => op === 'register').map(([entry]) => entry);
        expect([...memory.held.keys()].toSorted()).toEqual(theirs.toSorted());
        expect([...expectation.expected().must.keys()].every((entry) => memory.held.has(entry))).toBe(true);
        expect(attempts.slice(before).every(({ again, durable, op }) => again && durable && op === 'register')).toBe(
          true,
        );
      }),
      { numRuns: 60 },
    );
  });

  test('one that is never acknowledged is not counted as back', async () => {
    const { writer, memory } = bench(1_000);
    await write(writer, 10);
    memory.fate = ({ key }) => (key === 'a/d00002' ? 'failed' : 'ok');
    const until = AbortSignal.timeout(300);
    const { owned, back } = await writer.registerAllAgain(until);
    // Eight were registered and one of them was removed.
    expect({ owned, back }).toEqual({ owned: 7, back: 6 });
  });

  test('what may be lost is not written again: an overwritten loss would look as if it had never been', async () => {
    const { writer, attempts } = bench(1_000);
    await write(writer, 20);
    const newest = new Set(attempts.map(({ entry }) => entry));
    writer.leaveAlone();
    await write(writer, 40);
    const later = attempts.slice(22).map(({ entry }) => entry);
    expect(later).toHaveLength(44);
    expect(later.filter((entry) => newest.has(entry))).toEqual([]);
  });

  test('at the limit values are overwritten instead, and removals make room again', async () => {
    const { writer, memory, attempts } = bench(5);
    await write(writer, 60);
    expect(memory.held.size).toBeLessThanOrEqual(5);
    expect(attempts.filter(({ outcome }) => outcome !== 'ok')).toEqual([]);
    expect(new Set(attempts.map(({ entry }) => entry)).size).toBeGreaterThan(5);
  });

  test('every write is a registration, also when there is only one entry to write', async () => {
    const { writer, attempts } = bench(1);
    await write(writer, 30);
    expect(attempts.map(({ op, outcome }) => `${op} ${outcome}`)).toEqual(
      Array.from({ length: 30 }, () => 'register ok'),
    );
  });

  test('an outage at the limit does not end the writing: doubtful entries are overwritten, the oldest doubt first', async () => {
    const { writer, memory, attempts } = bench(3);
    memory.fate = () => 'lost-after';
    await write(writer, 8);
    memory.fate = () => 'ok';
    await write(writer, 9);
    expect(attempts.filter(({ node }) => node === null)).toEqual([]);
    expect(attempts.slice(3, 6).map(({ entry }) => entry)).toEqual(attempts.slice(0, 3).map(({ entry }) => entry));
    expect(attempts.slice(8).every(({ outcome }) => outcome === 'ok')).toBe(true);
    expect(memory.held.size).toBeLessThanOrEqual(3);
  });

  test('with an operation in flight on every entry the attempt has failed, and says why', async () => {
    const { writer, memory, attempts } = bench(2);
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    memory.fate = async (): Promise<Fate> => {
      await held;
      return 'ok';
    };
    const writes = [0, 1, 2].map(() => writer.write(0));
    expect(attempts.map(({ outcome, node }) => [outcome, node])).toEqual([['failed', null]]);
    expect(attempts[0]?.reason).toMatch(/^not issued: traffic\.maxEntries/);
    release();
    await Promise.all(writes);
    expect(attempts.map(({ outcome }) => outcome)).toEqual(['failed', 'ok', 'ok']);
  });

  test('one operation at a time per entry, none after an unknown one while there is room, never too many', async () => {
    const fates = fc.infiniteStream(fc.constantFrom<Fate>('ok', 'ok', 'ok', 'failed', 'lost-before', 'lost-after'));
    const property = fc.asyncProperty(fates, fc.integer({ min: 2, max: 40 }), async (fate, maxEntries) => {
      const { writer, memory, expectation, attempts, assertSound } = bench(maxEntries);
      memory.fate = watchfulFate({ memory, maxEntries, next: () => fate.next().value });
      const writes: Promise<void>[] = [];
      for (let n = 0; n < 120; n += 1) {
        writes.push(writer.write(0));
        if (n % 4 === 3) await aMoment();
      }
      await Promise.all(writes);
      assertSound();
      const versions = attempts.filter(({ op, node }) => op === 'register' && node !== null);
      expect(new Set(versions.map(({ entry, version }) => `${entry}@${version}`)).size).toBe(versions.length);
      for (const [key, raw] of expectation.expected().must) expect(memory.held.get(key)?.value).toBe(raw);
    });
    await fc.assert(property, { numRuns: 40 });
  });

  test('entries of a restored service are left as they are, so that the loss stays visible', async () => {
    const { writer, memory } = bench(1_000);
    await write(writer, 20);
    const before = new Map([...memory.held].filter(([key]) => key.startsWith('a/')));
    writer.retire(new Set(['a']), null);
    await write(writer, 60);
    for (const [key, entry] of before) expect(memory.held.get(key)).toBe(entry);
    const others = [...memory.held.values()].filter(({ service }) => service === 'b');
    expect(others.some(({ value }) => (canaryVersion(value) ?? 0) > 1)).toBe(true);
  });

  test.for([
    ['all of it', 20],
    ['half of it', 10],
    ['nothing', 0],
  ] as const)(
    'after a restore at the limit that kept %s every registration is issued, never too many',
    async ([, kept]) => {
      const { writer, memory, attempts } = bench(20);
      await write(writer, 200);
      const archived = [...memory.held.keys()].slice(0, kept);
      for (const key of [...memory.held.keys()]) if (!archived.includes(key)) memory.forget(key);
      writer.retire(new Set(['a', 'b']), new Set(archived));
      const before = attempts.length;
      await write(writer, 50);
      expect(attempts.slice(before).filter(({ outcome }) => outcome !== 'ok')).toEqual([]);
      expect(memory.held.size).toBeLessThanOrEqual(20);
      // What the restore brought back is written over last of all, and only where nothing else is left.
      const untouched = archived.filter((key) => attempts.slice(before).every(({ entry }) => entry !== key));
      expect(untouched.length).toBeGreaterThanOrEqual(kept - (kept === 20 ? 1 : 0));
    },
  );
});

const aMoment = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Checks each request against the rules of the mix before it decides what becomes of it. */
function watchfulFate(of: {
  readonly memory: MemoryRegistry;
  readonly maxEntries: number;
  readonly next: () => Fate;
}): MemoryRegistry['fate'] {
  const busy = new Set<string>();
  const spoiled = new Set<string>();
  const mayExist = new Set<string>();
  return async ({ call, key }) => {
    expect(busy.has(key)).toBe(false);
    if (spoiled.has(key)) expect(mayExist.size).toBe(of.maxEntries);
    busy.add(key);
    mayExist.add(key);
    expect(mayExist.size).toBeLessThanOrEqual(of.maxEntries);
    const fate = of.next();
    await aMoment();
    busy.delete(key);
    const removed =
      fate === 'ok' ? call === 'deregister' : fate === 'failed' && !of.memory.held.has(key) && !spoiled.has(key);
    if (fate.startsWith('lost')) spoiled.add(key);
    else if (fate === 'ok') spoiled.delete(key);
    if (removed) mayExist.delete(key);
    return fate;
  };
}
