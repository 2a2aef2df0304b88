import type { Level } from '../core/drill.js';
import type { EventOf } from '../core/journal.js';
import type { Evidence, Measurements } from '../core/measurement.js';
import type { Score } from '../core/result.js';
import type { Bilingual } from '../core/text.js';

export interface IssueContext {
  readonly m: Measurements;
  readonly score: Score | null;
  readonly opened: EventOf<'run.opened'>;
}

/** What a rule says of one step (null = of the run as a whole): a problem found, or looked at and fine. */
export type Judgement =
  | {
      readonly found: true;
      readonly step: string | null;
      readonly title: Bilingual;
      readonly detail: Bilingual;
      readonly evidence: Evidence;
      /** When the drill gives the step a severity of its own. */
      readonly priority?: Level;
    }
  | { readonly found: false; readonly step: string | null };

/** What a rule could not look at gives no judgement: such a run neither opens nor closes an issue. */
export interface IssueRule {
  readonly id: string;
  readonly priority: Level;
  /** False = no later run can pass it; such an issue is closed by a person with evidence. Default true. */
  readonly retestable?: false;
  readonly judge: (context: IssueContext) => readonly Judgement[];
}

export const fine = (step: string | null): Judgement => ({ found: false, step });

/** A rule that a run was judged by and passed: what closing the issue of this fingerprint needs. */
export interface RulePass {
  readonly fingerprint: string;
  readonly rule: string;
  readonly step: string | null;
}
