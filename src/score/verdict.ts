import type { EventOf } from '../core/journal.js';
import type { Measurements } from '../core/measurement.js';
import type { ExitId, Outcome } from '../core/outcome.js';
import type { Score } from '../core/result.js';

export interface Verdict {
  readonly outcome: Outcome;
  /** What of the exit code follows from the journal; the first true one of EXIT_CODES decides. */
  readonly conditions: ReadonlySet<ExitId>;
}

/** Computed from the journal each time, never stored: nothing can be passed before it was checked. */
export function verdict(m: Measurements, score: Score | null, opened: EventOf<'run.opened'>): Verdict {
  const conditions = new Set<ExitId>();
  if (isStillOn(m)) conditions.add('still-on');
  for (const condition of endConditions(m)) conditions.add(condition);
  if (m.validity.valid) conditions.add(isMissed(m, score, opened) ? 'missed' : 'passed');
  return { outcome: outcomeOf(m, conditions), conditions };
}

/** Something was left on, or nobody has looked since and an undo was never seen done. */
function isStillOn(m: Measurements): boolean {
  if (m.residue.left.length > 0 || m.safety.failedReverts.length > 0) return true;
  return !m.residue.checked && m.safety.open.length > 0;
}

/** "Not begun" is a refusal whatever ended it: nothing was broken, so there is nothing to judge. */
function endConditions(m: Measurements): readonly ExitId[] {
  if (m.validity.because.some((reason) => reason.code === 'not-begun')) {
    return m.run.ending === 'error' ? ['not-valid'] : ['refused'];
  }
  const stopped = m.run.ending === 'stopped' || m.run.ending === 'cut' || m.run.ending === 'refused';
  if (m.validity.valid) return [];
  return stopped ? ['stopped', 'not-valid'] : ['not-valid'];
}

function isMissed(m: Measurements, score: Score | null, opened: EventOf<'run.opened'>): boolean {
  if (m.objectives.some((objective) => objective.verdict === 'missed')) return true;
  return score === null || score.percent === null || score.percent < opened.drill.scoring.pass;
}

function outcomeOf(m: Measurements, conditions: ReadonlySet<ExitId>): Outcome {
  if (m.run.ending === 'error' || m.validity.because.some((reason) => reason.code === 'tool-error')) return 'error';
  if (conditions.has('still-on')) return 'fail';
  if (conditions.has('refused')) return 'skipped';
  if (conditions.has('not-valid')) return 'unknown';
  return conditions.has('missed') ? 'fail' : 'pass';
}
