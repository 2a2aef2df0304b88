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

/** What makes two steps the same thing: what they do, and to what. Steps of people are only ever themselves. */
function kindOf(step: Step): string {
  switch (step.verb) {
    case 'check':
      return same(step.verb, step.probe, step.params, step.tolerance);
    case 'recover':
      return same(step.verb, step.action, step.on);
    case 'backup':
      return same(step.verb, step.mode, step.to);
    case 'restore':
      return same(step.verb, step.archive, step.atMs ?? null, step.services ?? null);
    case 'decide':
    case 'degrade':
    case 'inject':
    case 'heal':
    case 'manual':
    case 'document':
    case 'situation':
    case 'problem':
    case 'parallel':
    case 'run':
    case 'wait':
      return same('step', step.id);
  }
}

/** The order in which a file names the settings makes no difference. */
const same = (...parts: readonly unknown[]): string =>
  JSON.stringify(parts, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
