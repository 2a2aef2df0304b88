import { flatSteps, PHASES } from '../core/drill.js';
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
    const base = {
      id: step.id,
      phase,
      verb: step.verb,
      title: step.title === undefined ? null : bilingual(step.title),
      by: step.by ?? null,
      expectMs: step.expectMs ?? null,
      withinMs: step.withinMs ?? null,
      milestone: step.milestone ?? null,
      severity: step.severity ?? null,
      startMs: start?.ms ?? null,
      evidence: [start, end].filter((event) => event !== undefined).map((event) => event.seq),
    };
    if (end === undefined) {
      const open = { answeredBy: null, endMs: null, late: false };
      if (start === undefined) return { ...base, ...open, outcome: 'skipped', reason: NOT_REACHED };
      return { ...base, ...open, outcome: 'unknown', reason: NOT_FINISHED };
    }
    const late = exceeds(end.tookMs, base.withinMs) || exceeds(end.tookMs, base.expectMs);
    const { answeredBy, outcome, reason } = end;
    return { ...base, answeredBy, endMs: end.ms, outcome, reason, late: late && outcome !== 'skipped' };
  });
}

const NOT_REACHED: Bilingual = bi('the run ended before this step began', '运行在此步骤开始之前已结束');
const NOT_FINISHED: Bilingual = bi('the run ended during this step', '运行在此步骤进行中结束');

const exceeds = (tookMs: number, limitMs: number | null): boolean => limitMs !== null && tookMs > limitMs;

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
