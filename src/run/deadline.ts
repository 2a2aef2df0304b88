import { setMaxListeners } from 'node:events';
import type { Clock } from '../core/clock.js';

export interface Limits {
  readonly clock: Clock;
  /** Null = only `parent` ends it. */
  readonly withinMs: number | null;
  readonly parent: AbortSignal | null;
  /** How long cancelled work may take to end by itself before it is left behind. */
  readonly graceMs: number;
}

/** `late` and `stopped` win over whatever the cancelled work still answered. */
export type Bounded<T> =
  | { readonly ended: 'value'; readonly value: T }
  | { readonly ended: 'thrown'; readonly error: unknown }
  | { readonly ended: 'late' }
  | { readonly ended: 'stopped' };

/**
 * Runs `work` under one deadline, computed once. It never rejects, and it ends at the latest `graceMs` after the
 * deadline or the stop, even when the work ignores its signal.
 */
export async function bounded<T>(work: (signal: AbortSignal) => Promise<T>, limits: Limits): Promise<Bounded<T>> {
  const { clock, parent } = limits;
  const cancel = new AbortController();
  const over = new AbortController();
  // Work asks many nodes at once, and each request listens.
  setMaxListeners(0, cancel.signal);
  let cut: 'late' | 'stopped' | null = null;
  const cutWith = (why: 'late' | 'stopped'): void => {
    if (over.signal.aborted) return;
    cut ??= why;
    cancel.abort(parent?.aborted === true ? parent.reason : undefined);
  };
  const onParent = (): void => cutWith('stopped');
  const abandoned = new Promise<void>((resolve) => {
    const leave = (): void => void clock.sleep(limits.graceMs, over.signal).then(resolve);
    cancel.signal.addEventListener('abort', leave, { once: true });
  });
  if (limits.withinMs !== null) void clock.sleep(limits.withinMs, over.signal).then(() => cutWith('late'));
  parent?.addEventListener('abort', onParent, { once: true });
  if (parent?.aborted) onParent();
  try {
    const ended = await Promise.race([settle(work, cancel.signal), abandoned]);
    if (cut !== null) return { ended: cut };
    return ended ?? { ended: 'late' };
  } finally {
    over.abort();
    parent?.removeEventListener('abort', onParent);
  }
}

async function settle<T>(work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<Bounded<T>> {
  try {
    return { ended: 'value', value: await work(signal) };
  } catch (error) {
    return { ended: 'thrown', error };
  }
}
