import { bi } from '../../core/text.js';
import type { Run } from '../context.js';
import { passed, type StepOf, type StepResult } from './result.js';

/** Turns off what an earlier `inject` step turned on. */
export async function heal(run: Run, step: StepOf<'heal'>): Promise<StepResult> {
  const on = run.undo.outstanding().filter((record) => record.step === step.step);
  if (on.length === 0) {
    const wasOn = run.undo.answerable().some((record) => record.step === step.step);
    if (wasOn) return { ...passed, reason: bi(`${step.step} was off already.`, `${step.step} 此前已解除。`) };
    return { outcome: 'fail', reason: bi(`${step.step} turned nothing on.`, `${step.step} 未注入任何故障。`) };
  }
  run.progress.traffic?.leaveAlone();
  for (const record of [...on].reverse()) {
    const result = await run.undo.revert(record, 'heal');
    if (!result.reverted) return { outcome: 'fail', reason: result.detail };
  }
  return passed;
}
