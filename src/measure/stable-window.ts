import { LEAST_ATTEMPTS_WHEN_STABLE, type ObjectiveSpec } from '../core/drill.js';
import type { ConfirmedFault } from './faults.js';
import type { Sample, SampleTrack } from './samples.js';

export type RecoveryRule = Pick<ObjectiveSpec, 'stableForMs' | 'requiredRate'>;

/** One operation after one fault. */
export interface Question {
  readonly track: SampleTrack;
  readonly fault: ConfirmedFault;
  readonly others: readonly ConfirmedFault[];
  readonly rule: RecoveryRule;
}

interface Window {
  readonly from: number;
  /** Index of the first sample issued after the window. */
  readonly past: number;
  readonly windowEndMs: number;
}

export interface Search {
  readonly index: number | null;
  readonly interrupted: boolean;
  /** A window would have done, had there been more attempts in it. */
  readonly tooFew: boolean;
}

/** The first success after the fault from which on the rate stays high for the whole window. */
export function findStableSuccess(question: Question): Search {
  const { track, fault, others, rule } = question;
  const { samples } = track;
  let interrupted = false;
  let tooFew = false;
  let past = 0;
  for (const [from, first] of samples.entries()) {
    if (!first.ok || first.issuedMs < fault.effectiveAtMs) continue;
    const windowEndMs = first.issuedMs + rule.stableForMs;
    past = firstIssuedFrom(samples, windowEndMs, Math.max(past, from));
    if (!isStable(track, { from, past, windowEndMs }, rule)) continue;
    if (looksPerService(question) && !everyServiceIsBack(samples, from)) continue;
    if (past - from < LEAST_ATTEMPTS_WHEN_STABLE) {
      tooFew = true;
      continue;
    }
    if (!others.some((other) => overlaps(other, first.issuedMs, windowEndMs))) {
      return { index: from, interrupted, tooFew };
    }
    interrupted = true;
  }
  return { index: null, interrupted, tooFew };
}

export const looksPerService = ({ track, fault }: Pick<Question, 'track' | 'fault'>): boolean =>
  fault.scope === 'data' && track.operation === 'discover';

/**
 * Discovery is back when it is complete: one service that is still missing among many must not hide in the share of
 * failures that is allowed. The next look at each service has to succeed.
 */
function everyServiceIsBack(samples: readonly Sample[], from: number): boolean {
  const waiting = new Set(samples.map((sample) => sample.entry));
  for (let at = from; at < samples.length && waiting.size > 0; at += 1) {
    const sample = samples[at];
    if (sample !== undefined && waiting.delete(sample.entry) && !sample.ok) return false;
  }
  return true;
}

function firstIssuedFrom(samples: readonly Sample[], ms: number, at: number): number {
  let index = at;
  while (index < samples.length && (samples[index]?.issuedMs ?? ms) < ms) index += 1;
  return index;
}

function isStable(track: SampleTrack, window: Window, rule: RecoveryRule): boolean {
  return okShare(track, window) >= rule.requiredRate && isWitnessed(track, window);
}

const okShare = (track: SampleTrack, { from, past }: Window): number =>
  ((track.okBefore[past] ?? 0) - (track.okBefore[from] ?? 0)) / (past - from);

/** Samples all through the window, up to its end: what nobody tried, nobody can vouch for. */
function isWitnessed(track: SampleTrack, { from, past, windowEndMs }: Window): boolean {
  const first = track.samples[from];
  const last = track.samples[past - 1];
  if (first === undefined || last === undefined || track.endMs < windowEndMs) return false;
  if (windowEndMs - last.issuedMs > track.gapLimitMs) return false;
  if ((track.gapsBefore[past - 1] ?? 0) - (track.gapsBefore[from] ?? 0) > 0) return false;
  return !track.pauses.some((pause) => pause.fromMs < windowEndMs && pause.toMs > first.issuedMs);
}

/**
 * Index of the first success after the fault that may have been the beginning of recovery: nothing was seen that speaks
 * against it, although its window may have been cut off, left unwatched, or met by another fault. -1 = there is none.
 */
export function firstNotRefuted(question: Question): number {
  const { track, fault, others, rule } = question;
  let past = 0;
  return track.samples.findIndex((first, from) => {
    if (!first.ok || first.issuedMs < fault.effectiveAtMs) return false;
    const windowEndMs = first.issuedMs + rule.stableForMs;
    past = firstIssuedFrom(track.samples, windowEndMs, Math.max(past, from));
    const isCut = track.endMs < windowEndMs || others.some((other) => overlaps(other, first.issuedMs, windowEndMs));
    if (!isCut && okShare(track, { from, past, windowEndMs }) < rule.requiredRate) return false;
    return !looksPerService(question) || everyServiceIsBack(track.samples, from);
  });
}

/** The bracket says when a fault took effect at the earliest and the latest: any overlap may be inside. */
const overlaps = (other: ConfirmedFault, fromMs: number, toMs: number): boolean =>
  other.requestedAtMs < toMs && other.effectiveAtMs >= fromMs;
