import type { OperationAvailability } from '../../core/measurement.js';

export type BandState = 'up' | 'degraded' | 'down' | 'none';
export interface Band {
  readonly state: BandState;
  readonly fromMs: number;
  readonly toMs: number;
  readonly ok: number;
  readonly bad: number;
}

type Slice = OperationAvailability['slices'][number];

const stateOf = ({ ok, bad }: Pick<Slice, 'ok' | 'bad'>): BandState => {
  if (ok + bad === 0) return 'none';
  if (bad === 0) return 'up';
  return ok === 0 ? 'down' : 'degraded';
};

/** Neighbouring slices of one state as one band; gaps between slices are bands without samples. */
export function bandsOf(operation: OperationAvailability): readonly Band[] {
  const { slices, sliceMs } = operation;
  const bands: Band[] = [];
  for (const { fromMs, ok, bad } of slices) {
    const last = bands.at(-1);
    if (last !== undefined && fromMs - last.toMs > sliceMs / 2) {
      append(bands, { state: 'none', fromMs: last.toMs, toMs: fromMs, ok: 0, bad: 0 });
    }
    append(bands, { state: stateOf({ ok, bad }), fromMs, toMs: fromMs + sliceMs, ok, bad });
  }
  return withoutPauses(bands, 3 * meanIntervalMs(operation));
}

function meanIntervalMs({ slices, sliceMs, attempts }: OperationAvailability): number {
  const [first, last] = [slices[0], slices.at(-1)];
  if (first === undefined || last === undefined || attempts === 0) return 0;
  return (last.fromMs + sliceMs - first.fromMs) / attempts;
}

/** An operation that is tried twice a second has slices without samples by nature: between equals they say nothing. */
function withoutPauses(bands: readonly Band[], pauseMs: number): readonly Band[] {
  const kept: Band[] = [];
  bands.forEach((band, index) => {
    const isPause = band.state === 'none' && band.toMs - band.fromMs <= pauseMs;
    const between = isPause && kept.at(-1)?.state === bands[index + 1]?.state ? kept.at(-1)?.state : undefined;
    append(kept, between === undefined ? band : { ...band, state: between });
  });
  return kept;
}

function append(bands: Band[], band: Band): void {
  const last = bands.at(-1);
  if (last?.state !== band.state) bands.push(band);
  else bands[bands.length - 1] = { ...last, toMs: band.toMs, ok: last.ok + band.ok, bad: last.bad + band.bad };
}

const WORST_FIRST: readonly BandState[] = ['down', 'degraded', 'none', 'up'];

/**
 * At most `most` bands for drawing: each bucket shows the worst state inside it and keeps its counts, so that a short
 * outage never disappears.
 */
export function thinned(bands: readonly Band[], most: number): readonly Band[] {
  if (bands.length <= most) return bands;
  const size = Math.ceil(bands.length / most);
  const thin: Band[] = [];
  for (let start = 0; start < bands.length; start += size) {
    const bucket = bands.slice(start, start + size);
    const first = bucket[0];
    const last = bucket.at(-1);
    const state = WORST_FIRST.find((candidate) => bucket.some((band) => band.state === candidate));
    if (first === undefined || last === undefined || state === undefined) continue;
    const sum = (pick: (band: Band) => number): number => bucket.reduce((total, band) => total + pick(band), 0);
    thin.push({
      state,
      fromMs: first.fromMs,
      toMs: last.toMs,
      ok: sum((band) => band.ok),
      bad: sum((band) => band.bad),
    });
  }
  return thin;
}
