import type { StopCause } from '../core/journal.js';
import { type Bilingual, bi } from '../core/text.js';

export interface StopReason {
  readonly cause: StopCause;
  readonly detail: Bilingual;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface Interrupts {
  readonly stop: AbortSignal;
  /** Stops the run for another reason: a lost parent, `abort`. */
  readonly request: (reason: StopReason) => void;
  readonly dispose: () => void;
}

/**
 * First interrupt: says so at once and aborts the run's signal. Second: `onSecond`, which says what is still on and
 * leaves. Other causes never count as a second one.
 */
export function listenForInterrupts(handlers: {
  readonly onFirst: (reason: StopReason) => void;
  readonly onSecond: () => void;
}): Interrupts {
  const controller = new AbortController();
  const request = (reason: StopReason): void => {
    if (controller.signal.aborted) return;
    controller.abort(reason);
    handlers.onFirst(reason);
  };
  let seen = 0;
  const onSignal = (signal: NodeJS.Signals): void => {
    seen += 1;
    if (seen > 1) handlers.onSecond();
    else request({ cause: 'interrupt', detail: bi(`received ${signal}`, `收到 ${signal}`) });
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return {
    stop: controller.signal,
    request,
    dispose: () => {
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
}
