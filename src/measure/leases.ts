import type { EventIndex } from './event-index.js';

/** Until when the registry was bound to keep a leased entry: from the newest acknowledged keep-alive of its owner. */
export interface LeaseBook {
  /** True when the entry may rightly be gone at that time (null time: it could not be told, so it may). */
  readonly mayBeGone: (entry: string, atMs: number | null) => boolean;
}

export function leaseBook(index: EventIndex): LeaseBook {
  const leaseMs = index.of('traffic.started')[0]?.spec.leaseMs ?? index.opened?.drill.traffic?.leaseMs ?? null;
  const keptAt = new Map<string, number>();
  const goneAt = new Map<string, number>();
  for (const { op, entry, outcome, durable, issuedMs, reason } of index.of('attempt')) {
    if (durable || (op !== 'renew' && op !== 'register')) continue;
    if (outcome === 'ok') keptAt.set(entry, Math.max(keptAt.get(entry) ?? issuedMs, issuedMs));
    else if (op === 'renew' && outcome === 'failed' && /lease/i.test(reason ?? '')) {
      goneAt.set(entry, Math.max(goneAt.get(entry) ?? issuedMs, issuedMs));
    }
  }
  return {
    mayBeGone: (entry, atMs) => {
      const kept = keptAt.get(entry);
      if (kept === undefined || leaseMs === null || atMs === null) return true;
      return atMs > kept + leaseMs || (goneAt.get(entry) ?? Number.NEGATIVE_INFINITY) > kept;
    },
  };
}
