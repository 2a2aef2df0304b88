import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Clock } from '../../src/core/clock.js';
import { createSchedule, dueMs, fireDue, type RunningStream } from '../../src/traffic/schedule.js';

interface Fired {
  readonly stream: number;
  readonly n: number;
  readonly dueMs: number;
  readonly lookMs: number;
}

const streamsArbitrary = fc.array(
  fc.record({ startMs: fc.double({ min: 0, max: 500, noNaN: true }), perSecond: fc.integer({ min: 1, max: 400 }) }),
  { minLength: 1, maxLength: 4 },
);
const looksArbitrary = fc.array(fc.double({ min: 0, max: 300, noNaN: true }), { minLength: 1, maxLength: 12 });

describe('the open loop', () => {
  test('fires each event once, in order, never early, and leaves nothing due', () => {
    fc.assert(
      fc.property(streamsArbitrary, looksArbitrary, (streams, waitsMs) => {
        const fired: Fired[] = [];
        let lookMs = 0;
        const running = new Set<RunningStream>(
          streams.map((stream, index) => ({
            next: 0,
            stream: { ...stream, fire: (n, due) => void fired.push({ stream: index, n, dueMs: due, lookMs }) },
          })),
        );
        for (const waitMs of waitsMs) {
          lookMs += waitMs;
          fireDue(running, lookMs);
        }
        for (const [index, stream] of streams.entries()) {
          const own = fired.filter((event) => event.stream === index);
          expect(own.map(({ n }) => n)).toEqual(own.map((_, n) => n));
          for (const event of own) {
            expect(event.dueMs).toBe(stream.startMs + (event.n * 1000) / stream.perSecond);
            expect(event.dueMs).toBeLessThanOrEqual(event.lookMs);
          }
          expect(dueMs({ ...stream, fire: () => {} }, own.length)).toBeGreaterThan(lookMs);
        }
        const sameLook = fired.slice(1).filter((event, i) => event.lookMs === fired[i]?.lookMs);
        for (const event of sameLook) {
          expect(event.dueMs).toBeGreaterThanOrEqual(fired[fired.indexOf(event) - 1]?.dueMs ?? 0);
        }
      }),
    );
  });
});

describe('the timer', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  let skippedMs = 0;
  /** Time that passes while nothing runs: the timers do not see it. */
  const clock: Clock = { monotonicMs: () => performance.now() + skippedMs, wallIso: () => '', sleep: async () => {} };

  test('catches up after a busy spell and keeps the schedule of before', () => {
    const schedule = createSchedule(clock);
    const startMs = clock.monotonicMs();
    const due: number[] = [];
    schedule.add({ startMs, perSecond: 10, fire: (_n, at) => void due.push(at - startMs) });
    vi.advanceTimersByTime(250);
    expect(due).toEqual([0, 100, 200]);
    skippedMs = 700;
    vi.advanceTimersByTime(50);
    expect(due).toEqual([0, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]);
    schedule.stop();
    vi.advanceTimersByTime(1_000);
    expect(due).toHaveLength(11);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('a stream can end while others go on; a rate of nothing never fires', () => {
    const schedule = createSchedule(clock);
    const counts = { a: 0, b: 0, never: 0 };
    const count = (which: keyof typeof counts): void => {
      counts[which] += 1;
    };
    const startMs = clock.monotonicMs();
    const end = schedule.add({ startMs, perSecond: 100, fire: () => count('a') });
    schedule.add({ startMs, perSecond: 10, fire: () => count('b') });
    schedule.add({ startMs, perSecond: 0, fire: () => count('never') });
    vi.advanceTimersByTime(95);
    end();
    vi.advanceTimersByTime(900);
    expect(counts).toEqual({ a: 10, b: 10, never: 0 });
    schedule.stop();
  });
});
