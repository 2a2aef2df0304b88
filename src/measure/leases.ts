import type { EventOf } from '../core/journal.js';
import type { EventIndex } from './event-index.js';
import type { NodeReading } from './readings.js';

type Attempt = EventOf<'attempt'>;

/** Until when the registry was bound to keep a leased entry: from the newest acknowledged keep-alive of its owner. */
export interface LeaseBook {
  /** True when the entry may rightly be missing in that reading (unknown time: it could not be told, so it may). */
  readonly mayBeGone: (entry: string, reading: Pick<NodeReading, 'startedMs' | 'atMs'>) => boolean;
  /** Entries that were missing although their lease had to hold, and that their owner has registered again since. */
  readonly healed: () => readonly string[];
}

interface Page {
  /** Acknowledged registrations and renewals. */
  readonly kept: Attempt[];
  /** Renewals that were told of an unknown lease. */
  readonly gone: Attempt[];
}

export function leaseBook(index: EventIndex): LeaseBook {
  const leaseMs = index.of('traffic.started')[0]?.spec.leaseMs ?? index.opened?.drill.traffic?.leaseMs ?? null;
  const pages = readPages(index);
  const hadToHold = (kept: Attempt, atMs: number): boolean => leaseMs !== null && atMs <= kept.issuedMs + leaseMs;
  return {
    mayBeGone: (entry, { startedMs, atMs }) => {
      if (atMs === null) return true;
      const page = pages.get(entry);
      const kept = newest(page?.kept, (attempt) => startedMs === null || attempt.endedMs <= startedMs);
      if (kept === null || !hadToHold(kept, atMs)) return true;
      const gone = newest(page?.gone, (attempt) => startedMs === null || attempt.issuedMs <= atMs);
      return gone !== null && gone.issuedMs > kept.issuedMs;
    },
    healed: () => [...pages].filter(([, page]) => wasHealed(page, hadToHold)).map(([entry]) => entry),
  };
}

function readPages(index: EventIndex): ReadonlyMap<string, Page> {
  const pages = new Map<string, Page>();
  for (const attempt of index.of('attempt')) {
    const { op, entry, outcome, durable } = attempt;
    if (durable || (op !== 'renew' && op !== 'register')) continue;
    const page = pages.get(entry) ?? { kept: [], gone: [] };
    pages.set(entry, page);
    if (outcome === 'ok') page.kept.push(attempt);
    else if (op === 'renew' && leaseIsGone(attempt)) page.gone.push(attempt);
  }
  return pages;
}

/** Journals from before the flag was written down say it in words only. */
const leaseIsGone = ({ leaseGone, outcome, reason }: Attempt): boolean =>
  leaseGone ?? (outcome === 'failed' && /lease/i.test(reason ?? ''));

/**
 * An owner registers again when a renewal finds its lease gone, or after a restore when a reader does not find the
 * instance. Whichever it was, it was seen by then: within the lease, that is a loss.
 */
function wasHealed({ kept, gone }: Page, hadToHold: (kept: Attempt, atMs: number) => boolean): boolean {
  return kept.some((again) => {
    if (!again.again) return false;
    const last = newest(kept, (attempt) => attempt.endedMs <= again.issuedMs);
    if (last === null) return false;
    const told = gone.find(({ issuedMs, endedMs }) => issuedMs > last.issuedMs && endedMs <= again.issuedMs);
    return hadToHold(last, told?.endedMs ?? again.issuedMs);
  });
}

function newest(attempts: readonly Attempt[] | undefined, counts: (attempt: Attempt) => boolean): Attempt | null {
  let found: Attempt | null = null;
  for (const attempt of attempts ?? []) {
    if (counts(attempt) && (found === null || attempt.issuedMs >= found.issuedMs)) found = attempt;
  }
  return found;
}
