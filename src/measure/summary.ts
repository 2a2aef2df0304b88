import type { EventOf } from '../core/journal.js';
import type { Measurements } from '../core/measurement.js';
import type { Outcome } from '../core/outcome.js';
import type { PlannedTarget } from '../core/plan.js';
import type { RunSummary, Score } from '../core/result.js';

/** A finished run in a few numbers: what the next run of the drill is compared with. */
export function summarizeRun(run: {
  readonly opened: EventOf<'run.opened'>;
  readonly measurements: Pick<Measurements, 'objectives' | 'ledger' | 'loss'>;
  readonly score: Score | null;
  readonly outcome: Outcome;
}): RunSummary {
  const { opened, measurements, score, outcome } = run;
  const criteria = (score?.dimensions ?? []).flatMap((dimension) => dimension.criteria);
  return {
    runId: opened.runId,
    startedAt: opened.at,
    outcome,
    percent: score?.percent ?? null,
    rubric: score?.rubric ?? null,
    rtoMs: measurements.objectives.find((objective) => objective.id === 'rto')?.measured ?? null,
    lostRecords: measurements.loss?.records ?? null,
    topology: topologyOf(opened.plan.target),
    criteria: Object.fromEntries(criteria.map((criterion) => [criterion.id, criterion.earned])),
  };
}

function topologyOf(target: PlannedTarget | null): string {
  if (target === null) return 'none';
  const { product, version, nodes } = target.binding;
  return `${product} ${version}, ${nodes.length} nodes`;
}
