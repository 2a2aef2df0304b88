import type { Outcome } from '../core/outcome.js';
import { bi } from '../core/text.js';
import { runCheck } from './check.js';
import type { Run } from './context.js';

/** The gate before the first fault. All checks are made and journaled, whatever the first one says. */
export async function steadyBefore(run: Run): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const spec of run.drill.steadyState) {
    const { outcome, detail } = await runCheck(run, spec, {
      place: 'steady-before',
      step: null,
      signal: run.stop.signal,
    });
    outcomes.push(outcome);
    if (outcome !== 'pass') {
      run.stop.request({
        cause: 'step-failed',
        detail: bi(
          `No steady state before the first fault: ${spec.probe}: ${detail.en}`,
          `首个故障之前未达到稳态：${spec.probe}：${detail.zh}`,
        ),
      });
    }
  }
  run.progress.steadySeen = !run.stop.signal.aborted;
  return outcomes;
}

/** The same checks at the end: recorded, no gate. */
export async function steadyAfter(run: Run): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const spec of run.drill.steadyState) {
    const at = { place: 'steady-after', step: null, signal: run.stop.signal } as const;
    outcomes.push((await runCheck(run, spec, at)).outcome);
  }
  return outcomes;
}
