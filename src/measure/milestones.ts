import type {
  FaultMeasurement,
  MilestoneMeasurement,
  RecoveryMeasurement,
  StepMeasurement,
} from '../core/measurement.js';
import type { Milestone } from '../core/recovery-plan.js';
import { bi, bilingual } from '../core/text.js';
import type { EventIndex } from './event-index.js';
import { firstMs } from './event-index.js';
import { isConfirmed } from './faults.js';

interface Known {
  readonly faults: readonly FaultMeasurement[];
  readonly recovery: readonly RecoveryMeasurement[];
  readonly steps: readonly StepMeasurement[];
  readonly estimatedRecoveryMs: number | null;
  readonly runEndMs: number;
}

interface Actual {
  readonly atMs: number | null;
  readonly step: string | null;
  readonly evidence: readonly number[];
}

/** The plan's timeline against what happened, counted from the first fault; later than the run = open until a review. */
export function measureMilestones(index: EventIndex, known: Known): readonly MilestoneMeasurement[] {
  if (index.opened === null) return [];
  const { recoveryPlan, drill } = index.opened;
  const zeroMs = timelineZero(index, known.faults);
  const place = (id: string, actual: Actual | null, plannedMs: number): Pick<MilestoneMeasurement, Placed> => {
    const reachedMs = zeroMs === null || actual === null || actual.atMs === null ? null : actual.atMs - zeroMs;
    const afterRun = zeroMs === null || zeroMs + plannedMs > known.runEndMs;
    const base = { id, plannedMs, actualMs: reachedMs, step: actual?.step ?? null, evidence: actual?.evidence ?? [] };
    if (reachedMs !== null) return { ...base, state: reachedMs <= plannedMs ? 'on-time' : 'late' };
    if (afterRun) return { ...base, state: 'open' };
    return { ...base, state: actual === null ? 'not-in-drill' : 'late' };
  };
  const level = recoveryPlan.levels[drill.level];
  const target = bi(`${drill.level} recovery target`, `${drill.level} 恢复目标`);
  return [
    ...recoveryPlan.milestones.map((milestone) => ({
      ...place(milestone.id, stepsNaming(milestone, known.steps), milestone.atMs),
      title: bilingual(milestone.title),
    })),
    { ...place('recovery-target', recoveredAt(known, zeroMs), level.recoveryTargetMs), title: target },
  ];
}

type Placed = 'id' | 'plannedMs' | 'actualMs' | 'step' | 'evidence' | 'state';

/** The first confirmed fault; without one the first situation, else the start of the execute phase. */
function timelineZero(index: EventIndex, faults: readonly FaultMeasurement[]): number | null {
  const effective = faults.filter(isConfirmed).map((fault) => fault.effectiveAtMs);
  if (effective.length > 0) return Math.min(...effective);
  const situations = new Set(index.of('situation.played').map((event) => event.step));
  const told = index.of('step.started').filter((event) => situations.has(event.step));
  return firstMs(told) ?? firstMs(index.of('phase.started').filter((event) => event.phase === 'execute'));
}

/** Reached when the last step that names it has ended well; T+0 names the beginning, so when that step began. */
function stepsNaming(milestone: Milestone, steps: readonly StepMeasurement[]): Actual | null {
  const naming = steps.filter((step) => step.milestone === milestone.id);
  if (naming.length === 0) return null;
  const done = naming.every((step) => step.endMs !== null && step.outcome === 'pass');
  const last = naming.reduce((a, b) => ((b.endMs ?? 0) > (a.endMs ?? 0) ? b : a));
  const reachedMs = milestone.atMs === 0 ? last.startMs : last.endMs;
  return { atMs: done ? reachedMs : null, step: last.id, evidence: naming.flatMap((step) => step.evidence) };
}

function recoveredAt({ recovery, estimatedRecoveryMs }: Known, zeroMs: number | null): Actual | null {
  if (estimatedRecoveryMs !== null && zeroMs !== null) {
    return { atMs: zeroMs + estimatedRecoveryMs, step: null, evidence: [] };
  }
  const judged = recovery.filter((row) => row.operation !== 'renew');
  if (judged.length === 0) return null;
  const times = judged.map((row) => row.recoveredMs);
  const known = times.filter((time) => time !== null);
  const atMs = known.length === times.length ? Math.max(...known) : null;
  return { atMs, step: null, evidence: judged.flatMap((row) => row.evidence.slice(-1)) };
}
