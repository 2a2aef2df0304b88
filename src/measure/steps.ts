import { flatSteps, PHASES, type PhaseName, type Step } from '../core/drill.js';
import type { EventOf } from '../core/journal.js';
import type { Measurements, StepMeasurement } from '../core/measurement.js';
import { type Bilingual, bi, bilingual } from '../core/text.js';
import type { EventIndex } from './event-index.js';

/** Every step that was planned, in the order of the drill: also those that never began. */
export function measureSteps(index: EventIndex): readonly StepMeasurement[] {
  if (index.opened === null) return [];
  const started = new Map(index.of('step.started').map((event) => [event.step, event]));
  const ended = new Map(index.of('step.ended').map((event) => [event.step, event]));
  return flatSteps(index.opened.drill).map(({ phase, step }) => {
    const start = started.get(step.id);
    const end = ended.get(step.id);
    const evidence = [start, end].filter((event) => event !== undefined).map((event) => event.seq);
    return { ...plannedOf(phase, step), startMs: start?.ms ?? null, ...endingOf(step, start, end), evidence };
  });
}

type Planned = 'id' | 'phase' | 'verb' | 'title' | 'by' | 'expectMs' | 'withinMs' | 'milestone' | 'severity';

function plannedOf(phase: PhaseName, step: Step): Pick<StepMeasurement, Planned> {
  return {
    id: step.id,
    phase,
    verb: step.verb,
    title: step.title === undefined ? null : bilingual(step.title),
    by: step.by ?? null,
    expectMs: step.expectMs ?? null,
    withinMs: deadlineOf(step) ?? null,
    milestone: step.milestone ?? null,
    severity: step.severity ?? null,
  };
}

/** A check without a time to wait takes one look, however long that is: it has no deadline. */
function deadlineOf(step: Step): number | undefined {
  return step.verb === 'check' && step.withinMs === 0 ? undefined : step.withinMs;
}

function endingOf(
  step: Step,
  start: EventOf<'step.started'> | undefined,
  end: EventOf<'step.ended'> | undefined,
): Pick<StepMeasurement, 'answeredBy' | 'endMs' | 'late' | 'outcome' | 'reason'> {
  if (end === undefined) {
    const open = { answeredBy: null, endMs: null, late: false };
    return start === undefined
      ? { ...open, outcome: 'skipped', reason: NOT_REACHED }
      : { ...open, outcome: 'unknown', reason: NOT_FINISHED };
  }
  const { answeredBy, outcome, reason, tookMs, ms: endMs } = end;
  const late = exceeds(tookMs, deadlineOf(step)) || exceeds(tookMs, step.expectMs);
  return { answeredBy, outcome, reason, endMs, late: late && outcome !== 'skipped' };
}

const NOT_REACHED: Bilingual = bi('the run ended before this step began', '运行在此步骤开始之前已结束');
const NOT_FINISHED: Bilingual = bi('the run ended during this step', '运行在此步骤进行中结束');

const exceeds = (tookMs: number, limitMs: number | undefined): boolean => limitMs !== undefined && tookMs > limitMs;

export function measurePhases(index: EventIndex): Measurements['phases'] {
  return PHASES.flatMap((phase) => {
    const start = index.of('phase.started').find((event) => event.phase === phase);
    const end = index.of('phase.ended').find((event) => event.phase === phase);
    if (start === undefined) return [];
    return [
      {
        phase,
        startMs: start.ms ?? 0,
        endMs: end?.ms ?? null,
        outcome: end?.outcome ?? 'unknown',
        evidence: [start, end].filter((event) => event !== undefined).map((event) => event.seq),
      },
    ];
  });
}
