import { flatSteps, type PhaseName, type Step } from '../core/drill.js';
import { type Bilingual, bi } from '../core/text.js';
import type { Run } from './context.js';
import type { StepResult } from './steps/result.js';
import type { StopReason } from './stop.js';

/**
 * What a step's end means for the rest of the drill:
 * - nothing was changed yet and it failed: refused, nothing is broken (unless `continueOnFailure`);
 * - a fault that did not bite: the rest is left out, the faults are taken off, the run is not valid;
 * - anything else that failed (recover, restore, check, …): the drill goes on, for that is what it measures;
 * - an error of ours, a guard, a full disk: the drill stops.
 */
export function afterStep(
  run: Run,
  on: { readonly step: Step; readonly phase: PhaseName; readonly result: StepResult },
): void {
  const { step, result } = on;
  const stop = result.thenStop ?? refusal(run, on);
  if (stop !== null) run.stop.request(stop);
  else if (step.verb === 'inject' && !step.continueOnFailure && hasFailed(step, result)) {
    run.progress.gaveUp = failureOf(step, result.reason);
  }
}

/** A drill that would break something does not begin on a failed step. */
function refusal(
  run: Run,
  { step, phase, result }: { readonly step: Step; readonly phase: PhaseName; readonly result: StepResult },
): StopReason | null {
  const early = phase === 'prepare' || phase === 'kickoff' || phase === 'execute';
  if (!early || run.progress.touched || step.continueOnFailure || !hasFailed(step, result)) return null;
  if (!flatSteps(run.drill).some(({ step: other }) => changesWorld(other))) return null;
  return { cause: 'step-failed', detail: failureOf(step, result.reason) };
}

const changesWorld = ({ verb }: Step): boolean => verb === 'inject' || verb === 'recover' || verb === 'restore';

/** Members of a group speak for themselves; reviews and questions without an answer are findings, not failures. */
function hasFailed(step: Step, { outcome }: StepResult): boolean {
  if (step.verb === 'parallel' || step.verb === 'document' || step.verb === 'situation') return false;
  if (outcome === 'unknown') return step.verb !== 'manual';
  return outcome === 'fail' || outcome === 'error';
}

function failureOf(step: Step, reason: Bilingual | null): Bilingual {
  const why = reason ?? bi('no reason given', '未给出原因');
  return bi(`step ${step.id} failed: ${why.en}`, `步骤 ${step.id} 失败：${why.zh}`);
}
