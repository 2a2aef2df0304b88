/**
 * events and the review → Measurements: a pure function, one file per question. It never throws, wherever the journal
 * breaks off: what is missing is unknown, never fine.
 */
import { type Drill, flatSteps } from '../core/drill.js';
import type { JournalEvent } from '../core/journal.js';
import type { Measurements } from '../core/measurement.js';
import type { Review } from '../core/review.js';
import { measureBackups, measureDamaged, measureRestores } from './archives.js';
import { measureAvailability, measureCanary } from './availability.js';
import { measureChecks, measureIntegrity } from './checks.js';
import { measureContents } from './contents.js';
import { measureDecisions } from './decisions.js';
import { measureDegradations } from './degradation.js';
import { type EventIndex, indexEvents } from './event-index.js';
import { measureFallbacks } from './fallbacks.js';
import { measureFaults } from './faults.js';
import { measureLedger } from './ledger.js';
import { measureLoss } from './loss.js';
import { measureMilestones } from './milestones.js';
import { measureObjectives } from './objectives.js';
import { asksForEstimates, measurePeople } from './people.js';
import { measureProblems } from './problems.js';
import { measureRecovery } from './recovery.js';
import { measureRun } from './run.js';
import { measureResidue, measureSafety } from './safety.js';
import { measurePhases, measureSteps } from './steps.js';
import { measureValidity } from './validity.js';

/**
 * Whether the run broke off is told by its closing event, so that a torn tail left by a later `recover` does not make a
 * finished run an unfinished one.
 */
export function measure(events: readonly JournalEvent[], review: Review | null = null): Measurements {
  const index = indexEvents(events);
  const run = measureRun(index);
  const faults = measureFaults(index);
  const restores = measureRestores(index);
  const recovery = index.opened === null ? [] : measureRecovery(index, faults, index.opened.drill.objectives);
  const ledger = measureLedger(index);
  const loss = measureLoss(index, ledger, { faults, restores });
  const people = measurePeople(index);
  const steps = measureSteps(index);
  const { estimatedRecoveryMs } = people;
  const rehearsal = index.opened !== null && isRehearsal(index.opened.drill);
  const objectives = objectivesOf(index, { faults, recovery, loss, estimatedRecoveryMs, rehearsal });
  const ledgerKnown = ledger !== null;
  return {
    run,
    validity: measureValidity(index, { run, faults, restores, objectives, ledgerKnown, rehearsal }),
    faults,
    recovery,
    objectives,
    ledger: ledger?.measurement ?? null,
    loss,
    integrity: measureIntegrity(index),
    availability: measureAvailability(index),
    phases: measurePhases(index),
    steps,
    checks: measureChecks(index),
    contents: measureContents(index, steps, review),
    milestones: measureMilestones(index, { faults, recovery, steps, estimatedRecoveryMs, run, review }),
    problems: measureProblems(index, steps),
    decisions: measureDecisions(index),
    degradations: measureDegradations(index, faults),
    people,
    backups: measureBackups(index),
    restores,
    damagedArchives: measureDamaged(index),
    fallbacks: measureFallbacks(index, ledger),
    residue: measureResidue(index),
    safety: measureSafety(index),
    canary: measureCanary(index),
  };
}

function objectivesOf(
  { opened }: EventIndex,
  known: Omit<Parameters<typeof measureObjectives>[1], 'asksForEstimates'>,
): Measurements['objectives'] {
  if (opened === null) return [];
  return measureObjectives(opened.drill, { ...known, asksForEstimates: asksForEstimates(opened.drill) });
}

/** A partial drill that only looks: it breaks nothing, so it has no recovery and no loss to judge. */
function isRehearsal(drill: Drill): boolean {
  const does: ReadonlySet<string> = new Set(['inject', 'restore', 'recover']);
  return drill.kind === 'partial' && !flatSteps(drill).some(({ step }) => does.has(step.verb));
}
