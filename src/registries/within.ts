import { setMaxListeners } from 'node:events';
import type { Answer, CallOptions } from '../core/registry.js';

/** Runs one call under its limit: when it is over, or the caller cancels, what is on the wire is cut off. */
export async function within<T>(
  options: CallOptions,
  work: (signal: AbortSignal) => Promise<Answer<T>>,
): Promise<Answer<T>> {
  if (options.signal?.aborted) return { outcome: 'failed', reason: 'cancelled before it was sent' };
  const limit = new AbortController();
  const cancel = (): void => limit.abort(new Error('cancelled while waiting for the answer'));
  const timer = setTimeout(
    () => limit.abort(new Error(`no answer within ${Math.round(options.limitMs)} ms`)),
    options.limitMs,
  );
  // One signal may end a thousand overlapping calls: that is no leak to warn of.
  setMaxListeners(0, limit.signal);
  if (options.signal !== undefined) {
    setMaxListeners(0, options.signal);
    options.signal.addEventListener('abort', cancel, { once: true });
  }
  try {
    return await work(limit.signal);
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', cancel);
  }
}
