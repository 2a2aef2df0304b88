import type { JudgedOperation } from '../core/drill.js';
import type { EventIndex } from './event-index.js';
import { firstMs } from './event-index.js';
import { isHousekeeper } from './run.js';

export interface Sample {
  readonly seq: number;
  readonly entry: string;
  readonly node: string | null;
  readonly issuedMs: number;
  readonly endedMs: number;
  readonly ok: boolean;
}

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What the canary felt of one operation, in order of issue, up to the moment from which nothing counts any more. */
export interface SampleTrack {
  readonly operation: JudgedOperation;
  readonly samples: readonly Sample[];
  /** okBefore[i] = successes among the first i samples. */
  readonly okBefore: readonly number[];
  /** gapsBefore[i] = gaps too long to vouch for, among the first i pairs of neighbours. */
  readonly gapsBefore: readonly number[];
  readonly gapLimitMs: number;
  /** Nobody tried during these: the writers were paused. */
  readonly pauses: readonly Span[];
  /** Until when this operation was tried. */
  readonly endMs: number;
}

/** A neighbour further away than half the stable window, or four usual gaps, leaves that time without a witness. */
const GAP_SHARE_OF_WINDOW = 0.5;
const GAP_IN_USUAL_GAPS = 4;

export function trackSamples(index: EventIndex, operation: JudgedOperation, stableForMs: number): SampleTrack {
  const wellUntilMs = nodesWellUntil(index) ?? Number.POSITIVE_INFINITY;
  const horizonMs = judgingEnds(index);
  const writersEndMs = operation === 'register' ? firstMs(writers(index, 'stopped')) : null;
  const knownEndMs = leastKnown([horizonMs, writersEndMs, nodesWellUntil(index)]);
  const limitMs = knownEndMs ?? Number.POSITIVE_INFINITY;
  const samples = index
    .of('attempt')
    .filter((attempt) => attempt.op === operation && attempt.issuedMs < limitMs && attempt.endedMs <= wellUntilMs)
    // A request that hung until the undo freed it was not served by a recovered registry.
    .map(({ seq, entry, node, issuedMs, endedMs, outcome }) => ({
      seq,
      entry,
      node,
      issuedMs,
      endedMs,
      ok: outcome === 'ok' && (horizonMs === null || endedMs <= horizonMs),
    }))
    .sort((a, b) => a.issuedMs - b.issuedMs || a.seq - b.seq);
  const gapLimitMs = Math.max(stableForMs * GAP_SHARE_OF_WINDOW, GAP_IN_USUAL_GAPS * usualGapMs(samples));
  return {
    operation,
    samples,
    okBefore: prefixSums(samples, (sample) => sample.ok),
    gapsBefore: prefixSums(
      samples,
      (sample, next) => next !== undefined && next.issuedMs - sample.issuedMs > gapLimitMs,
    ),
    gapLimitMs,
    pauses: operation === 'register' ? writerPauses(index, limitMs) : [],
    endMs: knownEndMs ?? samples.at(-1)?.issuedMs ?? 0,
  };
}

/** Undo is not recovery: nothing counts once the run began to put things right on its way out. */
function judgingEnds(index: EventIndex): number | null {
  const undone = index
    .of('undo.reverted')
    .filter((event) => !isHousekeeper(event.undoer) && !event.nothingToDo)
    .filter(({ cause }) => cause === 'final' || cause === 'stop' || cause === 'recover-command');
  const verified = index.of('phase.ended').filter((event) => event.phase === 'verify');
  const closing = ['traffic.stopped', 'run.stopping', 'run.error', 'recover.started'] as const;
  return firstMs([...undone, ...verified, ...closing.flatMap((type) => index.of(type))]);
}

/** A node that died of its own, or was lost from sight: what was felt since the last good look may be its doing. */
const nodesWellUntil = (index: EventIndex): number | null => index.of('run.stopping')[0]?.nodesWellMs ?? null;

const writers = (index: EventIndex, state: 'paused' | 'resumed' | 'stopped') =>
  index.of('traffic.writers').filter((event) => event.state === state);

function writerPauses(index: EventIndex, limitMs: number): readonly Span[] {
  const resumed = [...writers(index, 'resumed'), ...writers(index, 'stopped')];
  return writers(index, 'paused').flatMap((pause) => {
    if (pause.ms === null) return [];
    const after = resumed.filter((event) => event.seq > pause.seq);
    return [{ fromMs: pause.ms, toMs: firstMs(after) ?? limitMs }];
  });
}

function usualGapMs(samples: readonly Sample[]): number {
  const gaps = samples.slice(1).map((sample, i) => sample.issuedMs - (samples[i]?.issuedMs ?? sample.issuedMs));
  gaps.sort((a, b) => a - b);
  return gaps[Math.floor(gaps.length / 2)] ?? 0;
}

function prefixSums(samples: readonly Sample[], counts: (sample: Sample, next?: Sample) => boolean): number[] {
  const sums = [0];
  let sum = 0;
  for (const [i, sample] of samples.entries()) {
    if (counts(sample, samples[i + 1])) sum += 1;
    sums.push(sum);
  }
  return sums;
}

function leastKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.min(...known);
}
