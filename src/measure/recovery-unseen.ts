import { LEAST_ATTEMPTS_WHEN_STABLE } from '../core/drill.js';
import { showDuration } from '../core/duration.js';
import { type Bilingual, bi } from '../core/text.js';
import type { ConfirmedFault } from './faults.js';
import type { Sample, SampleTrack } from './samples.js';
import { firstNotRefuted, type Question } from './stable-window.js';

/** The failures of an operation since a fault was asked for, up to a moment. */
export const feltBadBefore = (track: SampleTrack, fault: ConfirmedFault, untilMs: number): readonly Sample[] =>
  track.samples.filter((sample) => !sample.ok && sample.endedMs >= fault.requestedAtMs && sample.issuedMs < untilMs);

/**
 * The newest failed attempt that says the registry was not back yet. A client that asked the very node that is down says
 * nothing of the others, so its failure must not make the error small; it counts only when there is no other.
 */
export const newestWitness = (feltBad: readonly Sample[], fault: ConfirmedFault): Sample | undefined =>
  feltBad.findLast(({ node }) => node === null || !fault.targets.includes(node)) ?? feltBad.at(-1);

/** What is certain where recovery was not seen: it took longer than this. Null = nothing is. */
export function leastRecoveryMs(question: Question): number | null {
  const { track, fault } = question;
  const first = track.samples[firstNotRefuted(question)];
  const witness = newestWitness(feltBadBefore(track, fault, first?.issuedMs ?? Number.POSITIVE_INFINITY), fault);
  return witness === undefined ? null : Math.max(0, witness.issuedMs - fault.effectiveAtMs - fault.bracketMs);
}

/** A run of successes at the end no longer than this share of the window says nothing: flapping has such runs too. */
const TELLING_TAIL_SHARE = 0.1;

/** Never stable although watched to the end, or nobody can tell. */
export function whyNot(
  { track, fault, rule }: Question,
  { feltBad, tooFew }: { readonly feltBad: readonly Sample[]; readonly tooFew: boolean },
): { readonly state: 'not-recovered' | 'unknown'; readonly why: Bilingual } {
  const after = track.samples.filter((sample) => sample.issuedMs >= fault.effectiveAtMs);
  const last = after.at(-1);
  if (last === undefined) {
    return { state: 'unknown', why: bi('nothing was tried after the fault', '故障之后没有任何尝试') };
  }
  const lastBadAt = after.findLastIndex((sample) => !sample.ok);
  const tailMs = last.issuedMs - (after[lastBadAt + 1]?.issuedMs ?? last.issuedMs);
  const stable = showDuration(rule.stableForMs);
  if (tooFew) {
    const least = LEAST_ATTEMPTS_WHEN_STABLE;
    return {
      state: 'unknown',
      why: bi(
        `it answered, but ${stable} held fewer than ${least} attempts: too few to call it stable`,
        `已有应答，但 ${stable} 内的尝试不足 ${least} 次，不足以判定为稳定`,
      ),
    };
  }
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
