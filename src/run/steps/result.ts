import type { Step, Verb } from '../../core/drill.js';
import type { Outcome } from '../../core/outcome.js';
import type { Bilingual } from '../../core/text.js';
import type { StopReason } from '../stop.js';

export interface StepResult {
  readonly outcome: Outcome;
  readonly reason: Bilingual | null;
  readonly answeredBy?: string | null;
  /** The drill must not go on, whatever `continueOnFailure` says. */
  readonly thenStop?: StopReason;
}

export type StepOf<V extends Verb> = Extract<Step, { readonly verb: V }>;

export const passed: StepResult = { outcome: 'pass', reason: null };
