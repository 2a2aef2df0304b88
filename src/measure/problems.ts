import type { EventOf } from '../core/journal.js';
import type { ProblemMeasurement, StepMeasurement } from '../core/measurement.js';
import { bi, bilingual } from '../core/text.js';
import type { EventIndex } from './event-index.js';

/** Problems people recorded, and steps that failed without anybody recording one for them. */
export function measureProblems(index: EventIndex, steps: readonly StepMeasurement[]): readonly ProblemMeasurement[] {
  if (index.opened === null) return [];
  const { levels } = index.opened.recoveryPlan;
  const recorded = index.of('problem.opened').map((opened) => {
    // One that was opened again is not solved by what solved it before.
    const solved = index
      .of('problem.solved')
      .find(({ problem, seq }) => problem === opened.problem && seq > opened.seq);
    return {
      id: opened.problem,
      title: bilingual(opened.title),
      priority: opened.priority,
      openedMs: opened.ms,
      openedBy: opened.by,
      responseMs: levels[opened.priority].responseMs,
      ...solutionOf(solved),
      evidence: [opened, solved].filter((event) => event !== undefined).map((event) => event.seq),
    };
  });
  const covered = new Set(index.of('problem.opened').map((event) => event.step));
  const failed = steps
    .filter((step) => (step.outcome === 'fail' || step.outcome === 'error') && !covered.has(step.id))
    .filter((step) => step.verb !== 'parallel')
    .map((step) => {
      const priority = step.severity ?? 'P1';
      return {
        id: `step:${step.id}`,
        title: bi(`step ${step.id} failed`, `步骤 ${step.id} 失败`),
        priority,
        openedMs: step.endMs,
        openedBy: 'firedrill',
        responseMs: levels[priority].responseMs,
        ...solutionOf(undefined),
        evidence: step.evidence,
      };
    });
  return [...recorded, ...failed];
}

function solutionOf(
  solved: EventOf<'problem.solved'> | undefined,
): Pick<ProblemMeasurement, 'solvedMs' | 'solution' | 'fallback' | 'decision'> {
  if (solved === undefined) return { solvedMs: null, solution: null, fallback: null, decision: null };
  const { decision } = solved;
  return {
    solvedMs: solved.ms,
    solution: solved.solution === null ? null : bilingual(solved.solution),
    fallback: solved.fallback,
    decision: decision === null ? null : { by: decision.by, reason: bilingual(decision.reason) },
  };
}
