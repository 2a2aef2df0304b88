/**
 * Time and chance come in as a port, so that tests can own them.
 * `monotonicMs` is for arithmetic and is the machine's CLOCK_MONOTONIC: two processes of one boot share it.
 */
export interface Clock {
  readonly monotonicMs: () => number;
  /** UTC, ISO 8601 with milliseconds: for people only. */
  readonly wallIso: () => string;
  /** Resolves after `ms`, or at once when `signal` aborts (it does not reject). */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}

export const systemClock: Clock = {
  monotonicMs: () => Number(process.hrtime.bigint() / 1000n) / 1000,
  wallIso: () => isoOf(Date.now()),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal?.addEventListener('abort', done, { once: true });
    }),
};

let isoSecond = { second: Number.NaN, text: '' };

/** As `toISOString`, which at a thousand events a second costs more than hashing them: the second's text is kept. */
function isoOf(ms: number): string {
  const second = Math.floor(ms / 1_000);
  if (second !== isoSecond.second) isoSecond = { second, text: new Date(second * 1_000).toISOString().slice(0, -4) };
  return `${isoSecond.text}${String(ms % 1_000).padStart(3, '0')}Z`;
}

export interface PollResult<T> {
  readonly value: T;
  readonly reached: boolean;
  readonly waitedMs: number;
}

/** Looks every `everyMs` until `done` says yes or the deadline has passed; always returns what was seen last. */
export async function pollUntil<T>(
  look: () => Promise<T>,
  done: (value: T) => boolean,
  options: {
    readonly clock: Clock;
    readonly withinMs: number;
    readonly everyMs: number;
    readonly signal?: AbortSignal;
  },
): Promise<PollResult<T>> {
  const { clock, signal } = options;
  const startedMs = clock.monotonicMs();
  const deadlineMs = startedMs + options.withinMs;
  for (;;) {
    const value = await look();
    const now = clock.monotonicMs();
    const reached = done(value);
    if (reached || now >= deadlineMs || signal?.aborted) return { value, reached, waitedMs: now - startedMs };
    await clock.sleep(Math.min(options.everyMs, deadlineMs - now), signal);
  }
}
