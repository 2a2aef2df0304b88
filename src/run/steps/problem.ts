import type { Run } from '../context.js';
import { passed, type StepOf, type StepResult } from './result.js';

export async function problem(run: Run, step: StepOf<'problem'>): Promise<StepResult> {
  const { id, title, priority, state, solution, fallback, decision } = step.problem;
  const by = step.by ?? 'drill';
  if (state === 'open') {
    run.journal.note({ type: 'problem.opened', problem: id, title, priority, by, step: step.id });
    return passed;
  }
  run.journal.note({
    type: 'problem.solved',
    problem: id,
    solution: solution ?? null,
    by,
    fallback: fallback ?? null,
    decision: decision ?? null,
  });
  return passed;
}
