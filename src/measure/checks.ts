import type { Tolerance } from '../core/drill.js';
import type { EventOf } from '../core/journal.js';
import type { CheckMeasurement, Measurements } from '../core/measurement.js';
import type { Outcome } from '../core/outcome.js';
import type { EventIndex } from './event-index.js';

export const measureChecks = (index: EventIndex): readonly CheckMeasurement[] =>
  index.of('check.sampled').map((check) => ({
    place: check.place,
    step: check.step,
    probe: check.probe,
    tolerance: describeTolerance(check.tolerance),
    value: check.value === null ? '' : `${check.value}${unitOf(check.tolerance)}`,
    outcome: check.outcome,
    detail: check.detail,
    atMs: check.ms,
    evidence: [check.seq],
  }));

function describeTolerance(tolerance: Tolerance): string {
  if (tolerance.op === 'is') return `= ${tolerance.value}`;
  return `${tolerance.op === 'atLeast' ? '≥' : '≤'} ${tolerance.value}${unitOf(tolerance)}`;
}

function unitOf(tolerance: Tolerance): string {
  if (tolerance.op === 'is' || tolerance.unit === 'number') return '';
  return tolerance.unit === 'percent' ? '%' : ' ms';
}

/**
 * The three integrity checks as they stood last. A check from before the data was last changed on purpose says nothing
 * of what is there now; one that was never made is `skipped`.
 */
export function measureIntegrity(index: EventIndex): Measurements['integrity'] {
  const types = ['fault.requested', 'fault.injected', 'restore.substep', 'recover.action'] as const;
  const changes = types.flatMap((type): readonly { readonly seq: number }[] => index.of(type));
  const changedSeq = Math.max(0, ...changes.map((event) => event.seq));
  const valid = index.of('check.sampled').filter((check) => check.seq > changedSeq);
  const last = (probe: string): EventOf<'check.sampled'> | undefined =>
    valid.findLast((check) => check.probe === probe);
  const found = {
    count: last('integrity.count'),
    hash: last('integrity.hash'),
    functional: last('integrity.functional'),
  };
  // A tolerance of the drill's own cannot turn "differs" into "the same".
  const outcome = (check: EventOf<'check.sampled'> | undefined): Outcome => {
    if (check === undefined) return 'skipped';
    return check.outcome === 'pass' && check.value !== true ? 'fail' : check.outcome;
  };
  return {
    count: outcome(found.count),
    hash: outcome(found.hash),
    functional: outcome(found.functional),
    evidence: Object.values(found)
      .filter((check) => check !== undefined)
      .map((check) => check.seq),
  };
}
