import type { Step } from '../../core/drill.js';
import type { EventBody } from '../../core/journal.js';
import type { Outcome } from '../../core/outcome.js';
import { bi, bilingual } from '../../core/text.js';

const REPORTER = 'firedrill';

/** Failed steps are problems that nobody has to write down. */
export interface StepProblems {
  readonly onEnded: (step: Step, outcome: Outcome) => void;
}

/** A problem is solved by a later step that does the same thing and passes. */
export function stepProblems(note: (body: EventBody) => void): StepProblems {
  const open = new Map<string, string>();
  return {
    onEnded: (step, outcome) => {
      if (step.verb === 'parallel' || step.verb === 'problem') return;
      const kind = kindOf(step);
      if (outcome === 'pass') {
        for (const [problem] of [...open].filter(([, of]) => of === kind)) {
          open.delete(problem);
          const solution = bi(`Step ${step.id} passed.`, `步骤 ${step.id} 通过。`);
          note({ type: 'problem.solved', problem, solution, by: REPORTER, fallback: null, decision: null });
        }
      }
      if (outcome !== 'fail' && outcome !== 'error') return;
      const problem = `step-${step.id}`;
      open.set(problem, kind);
      const name = bilingual(step.title ?? step.id);
      const title = bi(`Step failed: ${name.en}`, `步骤失败：${name.zh}`);
      note({ type: 'problem.opened', problem, title, priority: step.severity ?? 'P1', by: REPORTER, step: step.id });
    },
  };
}

/** What makes two steps the same kind of thing. Steps of people are only ever themselves. */
function kindOf(step: Step): string {
  if (step.verb === 'check') return `check:${step.probe}`;
  if (step.verb === 'recover') return `recover:${step.action}`;
  if (step.verb === 'backup' || step.verb === 'restore') return step.verb;
  return `step:${step.id}`;
}
