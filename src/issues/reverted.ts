import type { IssueContext } from './rule.js';

/** As the undo records of the canary clients and of a practice cluster name their step. */
const CANARY_STEP = 'traffic';
const LAB_STEP = 'lab';

/** Steps with an undo that this run armed and saw reverted: faults, restores, the canary clients, the practice cluster. */
export function revertedSteps(context: IssueContext): readonly string[] {
  const { faults, restores, safety } = context.m;
  const open = new Set(safety.open.map(({ step }) => step));
  const faultSteps = faults.filter(({ reverted }) => reverted).map(({ step }) => step);
  // The first sub-step of a restore comes after its undo was armed.
  const restoreSteps = restores.filter(({ substeps }) => substeps.length > 0).map(({ step }) => step);
  const steps = new Set([...faultSteps, ...restoreSteps, ...ownSteps(context)]);
  return [...steps].filter((step) => !open.has(step));
}

/**
 * What every run on a target arms for itself. Only a run that went through is known to have got that far; a practice
 * cluster that could not be stopped after its end is told in the same journal, by `recover`.
 */
function ownSteps({ m, opened }: IssueContext): readonly string[] {
  const { target } = opened.plan;
  if (m.run.ending !== 'completed' || target === null) return [];
  return target.binding.lab === null ? [CANARY_STEP] : [CANARY_STEP, LAB_STEP];
}
