import { JUDGED_OPERATIONS } from '../core/drill.js';
import type { FaultMeasurement, RecoveryMeasurement } from '../core/measurement.js';
import { bi } from '../core/text.js';
import type { EventIndex } from './event-index.js';
import { type ConfirmedFault, isConfirmed } from './faults.js';
import { feltBadBefore, leastRecoveryMs, newestWitness, whyNot } from './recovery-unseen.js';
import { type Sample, type SampleTrack, trackSamples } from './samples.js';
import { findStableSuccess, looksPerService, type Question, type RecoveryRule } from './stable-window.js';

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

function recoveryOf(question: Question): RecoveryMeasurement {
  const { track, fault } = question;
  const search = findStableSuccess(question);
  const found = search.index === null ? undefined : track.samples[search.index];
  const feltBad = feltBadBefore(track, fault, found?.issuedMs ?? Number.POSITIVE_INFINITY);
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
    const not = whyNot(question, { feltBad, tooFew: search.tooFew });
    return { ...base, recoveredMs: null, recoveryMs: null, errorMs: null, ...not, leastMs: leastRecoveryMs(question) };
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
