import type { Clock } from '../core/clock.js';

/** The `for:` of faults: each turns its fault off by itself while the steps go on. */
export interface ForTimers {
  readonly start: (forMs: number, lift: () => Promise<unknown>) => void;
  /** Waits for those still running, or until the signal aborts. */
  readonly drain: (signal: AbortSignal) => Promise<void>;
  /** Starts no more lifts, and waits for the ones under way. */
  readonly cancel: () => Promise<void>;
}

export function forTimers(clock: Clock): ForTimers {
  const over = new AbortController();
  const running = new Set<Promise<void>>();
  return {
    start: (forMs, lift) => {
      const timer = clock.sleep(forMs, over.signal).then(async () => {
        if (!over.signal.aborted) await lift();
        running.delete(timer);
      });
      running.add(timer);
    },
    drain: async (signal) => {
      const stopped = new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
      while (running.size > 0 && !signal.aborted) await Promise.race([Promise.all(running), stopped]);
    },
    cancel: async () => {
      over.abort();
      await Promise.all(running);
    },
  };
}
