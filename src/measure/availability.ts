import { type EventOf, TRAFFIC_OPERATIONS } from '../core/journal.js';
import type { Measurements, OperationAvailability } from '../core/measurement.js';
import type { EventIndex } from './event-index.js';

/** Slices wide enough that a chart has at most this many. */
const MOST_SLICES = 240;
const SLICE_WIDTHS_MS = [100, 200, 250, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000, 3_600_000];

type Attempt = EventOf<'attempt'>;

/** The same slices for every operation, so that the bands stand under each other. */
export function measureAvailability(index: EventIndex): readonly OperationAvailability[] {
  const attempts = index.of('attempt');
  let lastMs = 0;
  for (const { issuedMs } of attempts) lastMs = Math.max(lastMs, issuedMs);
  const sliceMs = SLICE_WIDTHS_MS.find((width) => lastMs / width < MOST_SLICES) ?? Math.ceil(lastMs / MOST_SLICES);
  return TRAFFIC_OPERATIONS.flatMap((operation) => {
    const own = attempts.filter((attempt) => attempt.op === operation);
    return own.length === 0 ? [] : [bandOf(operation, own, sliceMs)];
  });
}

function bandOf(
  operation: OperationAvailability['operation'],
  attempts: readonly Attempt[],
  sliceMs: number,
): OperationAvailability {
  const counts = { ok: 0, failed: 0, unknown: 0 };
  const slices = new Map<number, { ok: number; bad: number; maxMs: number }>();
  for (const { outcome, issuedMs, endedMs } of attempts) {
    counts[outcome] += 1;
    const at = Math.floor(Math.max(0, issuedMs) / sliceMs);
    const slice = slices.get(at) ?? { ok: 0, bad: 0, maxMs: 0 };
    slices.set(at, slice);
    if (outcome === 'ok') slice.ok += 1;
    else slice.bad += 1;
    slice.maxMs = Math.max(slice.maxMs, endedMs - issuedMs);
  }
  const filled = [...slices.keys()].sort((a, b) => a - b);
  const [first = 0, last = 0] = [filled[0], filled.at(-1)];
  return {
    operation,
    attempts: attempts.length,
    ...counts,
    sliceMs,
    slices: Array.from({ length: last - first + 1 }, (_, i) => {
      const slice = slices.get(first + i);
      return { fromMs: (first + i) * sliceMs, ok: slice?.ok ?? 0, bad: slice?.bad ?? 0, maxMs: slice?.maxMs ?? null };
    }),
  };
}

/** How late the canary's own schedule ran: a late canary measures itself. */
export function measureCanary(index: EventIndex): Measurements['canary'] {
  const attempts = index.of('attempt');
  const lags = attempts.map(({ dueMs, issuedMs }) => Math.max(0, issuedMs - dueMs)).sort((a, b) => a - b);
  const p99 = lags[Math.max(0, Math.ceil(lags.length * 0.99) - 1)];
  return { attempts: attempts.length, lagP99Ms: p99 ?? null, lagMaxMs: lags.at(-1) ?? null };
}
