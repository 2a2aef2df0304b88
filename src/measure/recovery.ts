import { JUDGED_OPERATIONS, type ObjectiveSpec } from '../core/drill.js';
import { showDuration } from '../core/duration.js';
import type { FaultMeasurement, RecoveryMeasurement } from '../core/measurement.js';
import { type Bilingual, bi } from '../core/text.js';
import type { EventIndex } from './event-index.js';
import { type ConfirmedFault, isConfirmed } from './faults.js';
import { type Sample, type SampleTrack, trackSamples } from './samples.js';

export type RecoveryRule = Pick<ObjectiveSpec, 'stableForMs' | 'requiredRate'>;

/** Every confirmed fault × every operation that was tried at all. */
export function measureRecovery(
  index: EventIndex,
  faults: readonly FaultMeasurement[],
  rule: RecoveryRule,
): readonly RecoveryMeasurement[] {
  const confirmed = faults.filter(isConfirmed);
  if (confirmed.length === 0) return [];
  const tracks = JUDGED_OPERATIONS.map((operation) => trackSamples(index, operation, rule.stableForMs));
  const tried = tracks.filter((track) => track.samples.length > 0);
  return confirmed.flatMap((fault) => {
    const others = confirmed.filter((other) => other !== fault);
    return tried.map((track) => recoveryOf({ track, fault, others, rule }));
  });
}

interface Question {
  readonly track: SampleTrack;
  readonly fault: ConfirmedFault;
  readonly others: readonly ConfirmedFault[];
  readonly rule: RecoveryRule;
}

function recoveryOf(question: Question): RecoveryMeasurement {
  const { track, fault } = question;
  const search = findStableSuccess(question);
  const found = search.index === null ? undefined : track.samples[search.index];
  const feltBad = track.samples.filter(
    (sample) =>
      !sample.ok && sample.endedMs >= fault.requestedAtMs && (found === undefined || sample.issuedMs < found.issuedMs),
  );
  const lastGood = track.samples.findLast((sample) => sample.ok && sample.endedMs <= fault.effectiveAtMs);
  const base = {
    step: fault.step,
    operation: track.operation,
    lastGoodMs: lastGood?.endedMs ?? null,
    firstBadMs: feltBad[0]?.issuedMs ?? null,
    failedAttempts: feltBad.length,
    evidence: [...fault.evidence, ...[feltBad[0], found].filter((s) => s !== undefined).map((s) => s.seq)],
  };
  if (found === undefined || search.index === null) {
    return { ...base, recoveredMs: null, recoveryMs: null, errorMs: null, ...whyNot(question, feltBad) };
  }
  const before = newestWitness(feltBad, fault) ?? track.samples[search.index - 1];
  return {
    ...base,
    recoveredMs: found.endedMs,
    recoveryMs: found.endedMs - fault.effectiveAtMs,
    errorMs:
      Math.max(found.endedMs - (before?.issuedMs ?? fault.effectiveAtMs), unseenMs(question, search.index)) +
      fault.bracketMs,
    state: 'recovered',
    why: search.interrupted ? INTERRUPTED : untried(track, fault, found) ? UNTRIED : null,
  };
}

/**
 * The newest failed attempt that says the registry was not back yet. A client that asked the very node that is down says
 * nothing of the others, so its failure must not make the error small; it counts only when there is no other.
 */
const newestWitness = (feltBad: readonly Sample[], fault: ConfirmedFault): Sample | undefined =>
  feltBad.findLast(({ node }) => node === null || !fault.targets.includes(node)) ?? feltBad.at(-1);

/**
 * After a fault on data each service comes back by itself, and a reader looks at one after the other: how long after
 * the found success it took until each had been looked at.
 */
function unseenMs({ track, fault }: Question, index: number): number {
  if (!looksPerService({ track, fault })) return 0;
  const unseen = new Set(track.samples.slice(0, index).map((sample) => sample.entry));
  const foundMs = track.samples[index]?.endedMs ?? 0;
  let seenMs = foundMs;
  for (const { entry, endedMs } of track.samples.slice(index)) {
    if (unseen.size === 0) break;
    if (unseen.delete(entry)) seenMs = Math.max(seenMs, endedMs);
  }
  return seenMs - foundMs;
}

const INTERRUPTED = bi(
  'a further fault took effect before this one had been stable for long enough, so its outage counts too',
  '在达到稳定时长之前又有故障生效，因此其中断时间也计入',
);

const UNTRIED = bi(
  'nothing was tried while the writers were paused for the restore, so it may have been back earlier',
  '恢复期间写入客户端已暂停、没有任何尝试，实际恢复可能更早',
);

const untried = (track: SampleTrack, fault: ConfirmedFault, found: Sample): boolean =>
  track.pauses.some((pause) => pause.fromMs < found.issuedMs && pause.toMs > fault.effectiveAtMs);

interface Window {
  readonly from: number;
  /** Index of the first sample issued after the window. */
  readonly past: number;
  readonly windowEndMs: number;
}

/** The first success after the fault from which on the rate stays high for the whole window. */
function findStableSuccess(question: Question): { readonly index: number | null; readonly interrupted: boolean } {
  const { track, fault, others, rule } = question;
  const { samples } = track;
  let interrupted = false;
  let past = 0;
  for (const [from, first] of samples.entries()) {
    if (!first.ok || first.issuedMs < fault.effectiveAtMs) continue;
    const windowEndMs = first.issuedMs + rule.stableForMs;
    past = firstIssuedFrom(samples, windowEndMs, Math.max(past, from));
    if (!isStable(track, { from, past, windowEndMs }, rule)) continue;
    if (looksPerService(question) && !everyServiceIsBack(samples, from)) continue;
    // The bracket says when a fault took effect at the earliest and the latest: any overlap may be inside.
    if (!others.some((other) => other.requestedAtMs < windowEndMs && other.effectiveAtMs >= first.issuedMs)) {
      return { index: from, interrupted };
    }
    interrupted = true;
  }
  return { index: null, interrupted };
}

const looksPerService = ({ track, fault }: Pick<Question, 'track' | 'fault'>): boolean =>
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
  const { from, past } = window;
  const okShare = ((track.okBefore[past] ?? 0) - (track.okBefore[from] ?? 0)) / (past - from);
  return okShare >= rule.requiredRate && isWitnessed(track, window);
}

/** Samples all through the window, up to its end: what nobody tried, nobody can vouch for. */
function isWitnessed(track: SampleTrack, { from, past, windowEndMs }: Window): boolean {
  const first = track.samples[from];
  const last = track.samples[past - 1];
  if (first === undefined || last === undefined || track.endMs < windowEndMs) return false;
  if (windowEndMs - last.issuedMs > track.gapLimitMs) return false;
  if ((track.gapsBefore[past - 1] ?? 0) - (track.gapsBefore[from] ?? 0) > 0) return false;
  return !track.pauses.some((pause) => pause.fromMs < windowEndMs && pause.toMs > first.issuedMs);
}

/** A run of successes at the end no longer than this share of the window says nothing: flapping has such runs too. */
const TELLING_TAIL_SHARE = 0.1;

function whyNot(
  { track, fault, rule }: Question,
  feltBad: readonly Sample[],
): { readonly state: 'not-recovered' | 'unknown'; readonly why: Bilingual } {
  const after = track.samples.filter((sample) => sample.issuedMs >= fault.effectiveAtMs);
  const last = after.at(-1);
  if (last === undefined) {
    return { state: 'unknown', why: bi('nothing was tried after the fault', '故障之后没有任何尝试') };
  }
  const lastBadAt = after.findLastIndex((sample) => !sample.ok);
  const tailMs = last.issuedMs - (after[lastBadAt + 1]?.issuedMs ?? last.issuedMs);
  const stable = showDuration(rule.stableForMs);
  if (feltBad.length === 0 || (last.ok && tailMs > rule.stableForMs * TELLING_TAIL_SHARE)) {
    return {
      state: 'unknown',
      why: bi(
        `it answered again at the end, but was not watched without a break for ${stable}`,
        `结束前已恢复应答，但未能连续观察满 ${stable}`,
      ),
    };
  }
  if (track.endMs - last.issuedMs > track.gapLimitMs) {
    return {
      state: 'unknown',
      why: bi('the samples end before the run does', '采样在运行结束之前就已中断'),
    };
  }
  return {
    state: 'not-recovered',
    why: bi(`never stable for ${stable} until the end of judging`, `直到判定结束都未能稳定 ${stable}`),
  };
}
