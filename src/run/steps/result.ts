import type { Step, Verb } from '../../core/drill.js';
import type { Outcome } from '../../core/outcome.js';
import type { Bilingual } from '../../core/text.js';
import type { Run } from '../context.js';
import type { StopReason } from '../stop.js';

export interface StepResult {
  readonly outcome: Outcome;
  readonly reason: Bilingual | null;
  readonly answeredBy?: string | null;
  /** The drill must not go on, whatever `continueOnFailure` says. */
  readonly thenStop?: StopReason;
}

export type StepOf<V extends Verb> = Extract<Step, { readonly verb: V }>;

/** Does one step. A WorldError it throws fails the step; anything else thrown is our error and ends the drill. */
export type Verbs = {
  readonly [V in Verb]: (run: Run, step: StepOf<V>, signal: AbortSignal) => Promise<StepResult>;
};

export const passed: StepResult = { outcome: 'pass', reason: null };
