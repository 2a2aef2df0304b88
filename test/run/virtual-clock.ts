import type { Clock } from '../../src/core/clock.js';

interface Timer {
  readonly dueMs: number;
  readonly wake: () => void;
}

/** Time that jumps to the next timer as soon as everything else waits. No real I/O may be awaited under it. */
export function virtualClock(): Clock {
  let now = 1_000;
  let timers: Timer[] = [];
  let pumping = false;

  const pump = (): void => {
    const next = timers.reduce<Timer | null>(
      (first, timer) => (first && first.dueMs <= timer.dueMs ? first : timer),
      null,
    );
    if (next === null) {
      pumping = false;
      return;
    }
    timers = timers.filter((timer) => timer !== next);
    now = Math.max(now, next.dueMs);
    next.wake();
    setImmediate(pump);
  };

  return {
    // A little of it passes by itself, so that no two readings are equal.
    monotonicMs: () => {
      now += 0.001;
      return now;
    },
    wallIso: () => new Date(Date.UTC(2026, 10, 22) + now).toISOString(),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const wake = (): void => {
          timers = timers.filter((other) => other !== timer);
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        const timer: Timer = { dueMs: now + ms, wake };
        timers.push(timer);
        signal?.addEventListener('abort', wake, { once: true });
        if (!pumping) {
          pumping = true;
          setImmediate(pump);
        }
      }),
  };
}
