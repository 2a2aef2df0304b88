import type { PhaseName } from '../core/drill.js';
import { type Outcome, worstOutcome } from '../core/outcome.js';
import { bi } from '../core/text.js';
import { runCheck } from './check.js';
import { isOver, type Run } from './context.js';
import { runStep } from './step.js';

/** Steps, then the gate, then what the runner itself does at the end of this phase. */
export async function runPhase(
  run: Run,
  phase: PhaseName,
  afterwards: () => Promise<readonly Outcome[]> = async () => [],
): Promise<void> {
  run.journal.note({ type: 'phase.started', phase });
  const outcomes: Outcome[] = [];
  for (const step of run.drill.phases[phase].steps) {
    outcomes.push(await runStep(run, step, { phase, signal: run.stop.signal }));
  }
  if (!isOver(run)) outcomes.push(...(await passGate(run, phase)));
  if (!isOver(run)) outcomes.push(...(await afterwards()));
  const outcome = outcomes.length === 0 ? 'not-applicable' : worstOutcome(outcomes);
  run.journal.note({ type: 'phase.ended', phase, outcome });
  await run.journal.flush();
}

/** Every check of the gate is looked at, so that all that is wrong shows at once. */
async function passGate(run: Run, phase: PhaseName): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const spec of run.drill.phases[phase].gate) {
    const { outcome, detail } = await runCheck(run, spec, { place: 'gate', step: null, signal: run.stop.signal });
    outcomes.push(outcome);
    if (outcome === 'pass') continue;
    run.stop.request({
      cause: 'step-failed',
      detail: bi(
        `The gate after ${phase} does not hold: ${spec.probe}: ${detail.en}`,
        `${phase} 阶段的关卡未通过：${spec.probe}：${detail.zh}`,
      ),
    });
  }
  return outcomes;
}
