import type { EventBody, EventOf, JournalEvent } from '../core/journal.js';

/** A journal by event type: each question below asks for a few types only. */
export interface EventIndex {
  readonly opened: EventOf<'run.opened'> | null;
  readonly all: readonly JournalEvent[];
  readonly of: <T extends EventBody['type']>(type: T) => readonly EventOf<T>[];
}

export function indexEvents(events: readonly JournalEvent[]): EventIndex {
  const groups = new Map<string, JournalEvent[]>();
  for (const event of events) {
    const group = groups.get(event.type);
    if (group === undefined) groups.set(event.type, [event]);
    else group.push(event);
  }
  const of = <T extends EventBody['type']>(type: T): readonly EventOf<T>[] =>
    (groups.get(type) ?? []).filter((event): event is EventOf<T> => event.type === type);
  return { opened: of('run.opened')[0] ?? null, all: events, of };
}

/** The earliest or latest known time of some events; null when none has one (another boot wrote it). */
export function firstMs(events: readonly JournalEvent[]): number | null {
  return extreme(events, Math.min);
}
export function lastMs(events: readonly JournalEvent[]): number | null {
  return extreme(events, Math.max);
}

function extreme(events: readonly JournalEvent[], pick: (a: number, b: number) => number): number | null {
  let found: number | null = null;
  for (const { ms } of events) if (ms !== null) found = found === null ? ms : pick(found, ms);
  return found;
}
