import type { Drill, JudgedOperation } from '../core/drill.js';
import { showDuration } from '../core/duration.js';
import type { FaultMeasurement } from '../core/measurement.js';
import { bi } from '../core/text.js';
import type { EventIndex } from './event-index.js';
import { judgedOperations } from './objectives.js';
import type { Reason } from './validity.js';

/** semantics.md: what a baseline needs per judged operation before the first fault. */
const BASELINE = { attempts: 50, spanMs: 5_000, successRate: 0.99 } as const;

/** Without a good baseline nobody can say what the fault changed. */
export function baselineReasons(
  index: EventIndex,
  drill: Drill,
  faults: readonly FaultMeasurement[],
): readonly Reason[] {
  const started = index.of('traffic.started')[0];
  if (started === undefined) {
    const text = bi('there was no canary traffic, so nobody felt the fault', '没有金丝雀流量，因此无从感知故障');
    return [{ code: 'no-traffic', text, evidence: [] }];
  }
  const firstFaultMs = Math.min(...index.of('fault.injected').map((event) => event.requestedMs));
  return judgedOperations(drill, faults).flatMap((operation) => operationReasons(index, operation, firstFaultMs));
}

function operationReasons(index: EventIndex, operation: JudgedOperation, firstFaultMs: number): readonly Reason[] {
  // What was still in flight when the fault was sent may have met the fault: it says nothing of the time before.
  const before = index.of('attempt').filter((attempt) => attempt.op === operation && attempt.endedMs <= firstFaultMs);
  const [first] = before;
  if (first === undefined) {
    const text = bi(`no ${operation} was tried before the first fault`, `首个故障之前没有尝试过 ${operation}`);
    return [{ code: 'baseline-missing', text, evidence: [] }];
  }
  const fromMs = before.reduce((least, attempt) => Math.min(least, attempt.issuedMs), first.issuedMs);
  const spanMs = firstFaultMs - fromMs;
  const rate = before.filter((attempt) => attempt.outcome === 'ok').length / before.length;
  const percent = Number((rate * 100).toFixed(2));
  const evidence = [first.seq, before.at(-1)?.seq ?? first.seq];
  const reasons: Reason[] = [];
  if (before.length < BASELINE.attempts) {
    const text = bi(
      `baseline of ${operation}: ${before.length} attempts before the first fault, at least ${BASELINE.attempts} are needed`,
      `${operation} 的基线：首个故障之前只有 ${before.length} 次尝试，至少需要 ${BASELINE.attempts} 次`,
    );
    reasons.push({ code: 'baseline-too-few', text, evidence });
  }
  if (spanMs < BASELINE.spanMs) {
    const text = bi(
      `baseline of ${operation}: ${showDuration(spanMs)} before the first fault, at least ${showDuration(BASELINE.spanMs)} are needed`,
      `${operation} 的基线：首个故障之前只有 ${showDuration(spanMs)}，至少需要 ${showDuration(BASELINE.spanMs)}`,
    );
    reasons.push({ code: 'baseline-too-short', text, evidence });
  }
  if (rate < BASELINE.successRate) {
    const text = bi(
      `baseline of ${operation}: ${percent} % succeeded before the first fault, at least ${BASELINE.successRate * 100} % are needed`,
      `${operation} 的基线：首个故障之前成功率为 ${percent} %，至少需要 ${BASELINE.successRate * 100} %`,
    );
    reasons.push({ code: 'baseline-not-good', text, evidence });
  }
  return reasons;
}
