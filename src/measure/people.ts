import { type Drill, PHASES, type Step } from '../core/drill.js';
import type { Measurements } from '../core/measurement.js';
import type { Outcome } from '../core/outcome.js';
import { holdsRole } from '../core/roles.js';
import { bilingual } from '../core/text.js';
import type { EventIndex } from './event-index.js';

export function measurePeople(index: EventIndex): Measurements['people'] {
  return {
    scripted: index.opened?.scriptedAnswers ?? false,
    manual: index.of('manual.answered').map(({ step, by, answeredBy, done, note, seq }) => ({
      step,
      by,
      answeredBy,
      done,
      note,
      rightPerson: by === null || index.opened === null ? null : holdsRole(index.opened.drill.roles, by, answeredBy),
      evidence: [seq],
    })),
    documents: index.of('document.reviewed').map(({ step, title, path, exists, question, answer, ...who }) => ({
      step,
      title: bilingual(title),
      path,
      exists,
      question: bilingual(question),
      answer,
      note: who.note,
      answeredBy: who.answeredBy,
      evidence: [who.seq],
    })),
    situations: index.of('situation.played').map(({ step, tell, expected, channel, tellAt, played, ...how }) => ({
      step,
      tell: bilingual(tell),
      expected: bilingual(expected),
      channel: channel === null ? null : bilingual(channel),
      at: tellAt,
      played,
      notPlayedBecause: how.notPlayedBecause,
      answer: how.answer,
      answeredBy: how.answeredBy,
      rating: how.rating,
      ratedBy: how.ratedBy,
      estimateMs: how.estimateMs,
      evidence: [how.seq],
    })),
    estimatedRecoveryMs: index.opened === null ? null : estimatedRecovery(index, index.opened.drill),
  };
}

/**
 * Steps one after the other, a parallel group by its slowest. What a `when` left out takes no time. Null when none was
 * asked for or given, or one is missing.
 */
function estimatedRecovery(index: EventIndex, drill: Drill): number | null {
  const estimates = new Map(index.of('situation.played').map((event) => [event.step, event.estimateMs]));
  const outcomes = new Map(index.of('step.ended').map((event) => [event.step, event.outcome]));
  const decisions = new Map(index.of('decision.made').map((event) => [event.step, event.outcome]));
  const pathMs = (step: Step): number | null => {
    if (isLeftOut(step, { outcomes, decisions })) return 0;
    if (step.verb === 'parallel') {
      const members = step.steps.map(pathMs);
      return members.includes(null) ? null : Math.max(0, ...members.map((ms) => ms ?? 0));
    }
    if (step.verb !== 'situation' || !step.situation.estimate) return 0;
    return estimates.get(step.id) ?? null;
  };
  if (!asksForEstimates(drill) || ![...estimates.values()].some((ms) => ms !== null)) return null;
  const path = PHASES.flatMap((phase) => drill.phases[phase].steps.map(pathMs));
  return path.reduce((sum, ms) => (sum === null || ms === null ? null : sum + ms), 0);
}

/** By its own condition; a step that a stop or a lack of time left out should have been done. */
function isLeftOut(
  { id, when }: Step,
  {
    outcomes,
    decisions,
  }: { readonly outcomes: ReadonlyMap<string, Outcome>; readonly decisions: ReadonlyMap<string, string> },
): boolean {
  if (when === undefined || outcomes.get(id) !== 'skipped') return false;
  if ('step' in when) return outcomes.get(when.step) !== when.is;
  const came = decisions.get(when.decision);
  return came === undefined || !when.is.includes(came);
}

export function asksForEstimates(drill: Drill): boolean {
  const asks = (step: Step): boolean =>
    step.verb === 'parallel' ? step.steps.some(asks) : step.verb === 'situation' && step.situation.estimate;
  return PHASES.some((phase) => drill.phases[phase].steps.some(asks));
}
