import { type Drill, PHASES, type Step } from '../core/drill.js';

/** Every step of the drill in order, members of parallel groups after their group. */
export const allSteps = (drill: Drill): readonly Step[] => PHASES.flatMap((phase) => drill.phases[phase].steps.flatMap(withMembers));

const withMembers = (step: Step): readonly Step[] =>
  step.verb === 'parallel' ? [step, ...step.steps.flatMap(withMembers)] : [step];

/** These change the world under drill. */
export const changesWorld = (step: Step): boolean =>
  step.verb === 'inject' || step.verb === 'recover' || step.verb === 'restore';
