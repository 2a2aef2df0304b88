import type {
  FaultMeasurement,
  Measurements,
  MilestoneMeasurement,
  RecoveryMeasurement,
  StepMeasurement,
} from '../core/measurement.js';
import type { Milestone } from '../core/recovery-plan.js';
import type { Review } from '../core/review.js';
import { bi, bilingual } from '../core/text.js';
import type { EventIndex } from './event-index.js';
import { firstMs } from './event-index.js';
import { isConfirmed } from './faults.js';

interface Known extends Outlook {
  readonly zeroMs: number | null;
}

interface Outlook {
  readonly faults: readonly FaultMeasurement[];
  readonly recovery: readonly RecoveryMeasurement[];
  readonly steps: readonly StepMeasurement[];
  readonly estimatedRecoveryMs: number | null;
  readonly run: Measurements['run'];
  readonly review: Review | null;
}

interface Actual {
  readonly atMs: number | null;
  readonly step: string | null;
  readonly evidence: readonly number[];
}

/** The plan's timeline against what happened, counted from the first fault; later than the run = open until a review. */
export function measureMilestones(index: EventIndex, outlook: Outlook): readonly MilestoneMeasurement[] {
  if (index.opened === null) return [];
  const { recoveryPlan, drill } = index.opened;
  const zeroMs = timelineZero(index, outlook.faults);
  const known: Known = { ...outlook, zeroMs };
  const level = recoveryPlan.levels[drill.level];
  const target = bi(`${drill.level} recovery target`, `${drill.level} 恢复目标`);
  return [
    ...recoveryPlan.milestones.map((milestone) => ({
      ...place(known, { id: milestone.id, plannedMs: milestone.atMs }, stepsNaming(milestone, known.steps)),
      title: bilingual(milestone.title),
    })),
    {
      ...place(known, { id: 'recovery-target', plannedMs: level.recoveryTargetMs }, recoveredAt(known, zeroMs)),
      title: target,
    },
  ];
}

type Placed = Omit<MilestoneMeasurement, 'title'>;

function place(
  known: Known,
  planned: { readonly id: string; readonly plannedMs: number },
  actual: Actual | null,
): Placed {
  const { zeroMs, run } = known;
  const { plannedMs } = planned;
  const reachedMs = zeroMs === null || actual === null || actual.atMs === null ? null : actual.atMs - zeroMs;
  const afterRun = zeroMs === null || zeroMs + plannedMs > run.durationMs;
  const dueAt = zeroMs === null ? null : new Date(Date.parse(run.startedAt) + zeroMs + plannedMs).toISOString();
  const base = {
    ...planned,
    dueAt,
    actualMs: reachedMs,
    step: actual?.step ?? null,
    reviewed: null,
    evidence: actual?.evidence ?? [],
  };
  if (reachedMs !== null) return { ...base, state: reachedMs <= plannedMs ? 'on-time' : 'late' };
  if (!afterRun && actual === null) return { ...base, state: 'not-in-drill' };
  return recordedLater(known, { ...base, state: afterRun ? 'open' : 'late' });
}

/** What the journal leaves open, a review may record; what it left open although the time had passed is overdue. */
function recordedLater({ review, zeroMs, run }: Known, row: Placed): Placed {
  if (review === null || zeroMs === null) return row;
  const word = review.milestones.find(({ milestone }) => milestone === row.id);
  if (word !== undefined) {
    const { milestone: _id, reachedAt, ...reviewed } = word;
    const actualMs = Date.parse(reachedAt) - Date.parse(run.startedAt) - zeroMs;
    return { ...row, actualMs, reviewed, state: actualMs <= row.plannedMs ? 'on-time' : 'late' };
  }
  const passed = row.dueAt !== null && row.dueAt < review.lastAt;
  return row.state === 'open' && passed ? { ...row, state: 'overdue' } : row;
}

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

function recoveredAt({ recovery, estimatedRecoveryMs }: Outlook, zeroMs: number | null): Actual | null {
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
