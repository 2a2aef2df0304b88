/** The open loop: when things are due is computed from a start and a rate; a slow answer never moves it. */
import type { Clock } from '../core/clock.js';

/** `fire` gets the number of the event, counted from 0, and when it was due (clock ms). It must not throw. */
export interface Stream {
  readonly startMs: number;
  readonly perSecond: number;
  readonly fire: (n: number, dueMs: number) => void;
}

export interface Schedule {
  /** Returns how to end this stream. */
  readonly add: (stream: Stream) => () => void;
  readonly stop: () => void;
}

export interface RunningStream {
  readonly stream: Stream;
  next: number;
}

/** Multiplied, never added up: the thousandth event is exactly as punctual as the first. */
export const dueMs = (stream: Stream, n: number): number => stream.startMs + (n * 1000) / stream.perSecond;

/** Fires everything due by `nowMs` over all streams, in the order in which it was due. */
export function fireDue(running: ReadonlySet<RunningStream>, nowMs: number): void {
  for (;;) {
    const first = earliest(running);
    if (first === null) return;
    const due = dueMs(first.stream, first.next);
    if (due > nowMs) return;
    first.stream.fire(first.next++, due);
  }
}

function earliest(running: ReadonlySet<RunningStream>): RunningStream | null {
  let first: RunningStream | null = null;
  for (const one of running) {
    if (first === null || dueMs(one.stream, one.next) < dueMs(first.stream, first.next)) first = one;
  }
  return first;
}

/** One timer for all streams; after a busy spell it catches up with all that is overdue. */
export function createSchedule(clock: Clock): Schedule {
  const running = new Set<RunningStream>();
  let timer: NodeJS.Timeout | undefined;

  const arm = (): void => {
    clearTimeout(timer);
    const first = earliest(running);
    if (first === null) return;
    timer = setTimeout(tick, Math.max(0, Math.ceil(dueMs(first.stream, first.next) - clock.monotonicMs())));
  };
  const tick = (): void => {
    fireDue(running, clock.monotonicMs());
    arm();
  };

  return {
    add: (stream) => {
      const one: RunningStream = { stream, next: 0 };
      if (stream.perSecond > 0) running.add(one);
      arm();
      return () => {
        running.delete(one);
        arm();
      };
    },
    stop: () => {
      running.clear();
      arm();
    },
  };
}
