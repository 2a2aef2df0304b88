import type { Clock } from '../core/clock.js';
import type { PutOptions } from '../core/store.js';

/** Small enough that a limit is even within a second, and that a stop is heard at once. */
const SLICE_BYTES = 64 * 1024;
const SLICES_PER_SECOND = 10;

/** Gives the bytes in slices, each when its turn has come; without a limit as fast as they are taken. */
export type Pace = (bytes: Uint8Array) => AsyncIterable<Uint8Array>;

/** One for a whole put: what one part was too fast, the next one waits. Rejects when the signal aborts. */
export function paceOf(clock: Clock, { limitBytesPerSecond, signal }: PutOptions): Pace {
  const limit = limitBytesPerSecond ?? Number.POSITIVE_INFINITY;
  const sliceBytes = Math.max(1, Math.min(SLICE_BYTES, Math.floor(limit / SLICES_PER_SECOND)));
  let dueMs = clock.monotonicMs();
  return async function* (bytes) {
    for (let at = 0; at < bytes.length; at += sliceBytes) {
      const slice = bytes.subarray(at, at + sliceBytes);
      const nowMs = clock.monotonicMs();
      // Time that was not used is not saved up: after a pause the rate is the limit, not more.
      dueMs = Math.max(dueMs, nowMs) + (slice.length / limit) * 1_000;
      if (dueMs > nowMs) await clock.sleep(dueMs - nowMs, signal);
      signal?.throwIfAborted();
      yield slice;
    }
  };
}
