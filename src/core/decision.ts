/** What a `decide` step looks at and what comes of it: answers to the questions of a decision tree, each with its evidence. */
import type { Scalar } from './drill.js';
import type { Evidence } from './measurement.js';
import type { DecisionAnswer, DecisionFact } from './plan-decision.js';
import type { Bilingual, Text } from './text.js';

/** One answer. `values` are the numbers and names it rests on, `where` is where they were read. */
export interface Finding {
  readonly answer: DecisionAnswer;
  readonly why: Bilingual;
  readonly values: Readonly<Record<string, Scalar | null>>;
  readonly where: Bilingual;
  /** Earlier events of this run that it rests on. */
  readonly evidence: Evidence;
}

/** How long an action of recovery took in an earlier run on the same product. */
export interface PastRecovery {
  readonly runId: string;
  readonly step: string;
  readonly kind: 'restart' | 'restore';
  readonly tookMs: number;
}

/** What a switch costs, beside its gain (seed §6.3). Null = not measured. */
export interface SwitchCosts {
  readonly site: string | null;
  readonly dataLagMs: number | null;
  readonly addedDelayMs: number | null;
  /** The delay is what the plan says of the distance, not what was measured. */
  readonly delayIsPlanned: boolean;
  readonly owners: Bilingual;
}

/** A person's word on what the tree says. */
export type DecisionWord =
  /** Nobody was there to ask, or said anything: the tree stands. */
  | { readonly said: 'nothing'; readonly why: Bilingual }
  | { readonly said: 'agreed'; readonly answeredBy: string }
  | { readonly said: 'instead'; readonly outcome: string; readonly reason: string; readonly answeredBy: string };

export interface DecisionAsked {
  readonly step: string;
  readonly title: Text;
  /** Role that may override. */
  readonly by: string | null;
  readonly outcome: string;
  readonly outcomes: readonly { readonly id: string; readonly title: Text }[];
  /** What the tree went through, for the person to read. */
  readonly path: readonly { readonly ask: Text; readonly answer: DecisionAnswer; readonly why: Bilingual }[];
}

export interface AnsweredQuestion extends Finding {
  readonly question: string;
  readonly ask: Text;
  readonly fact: DecisionFact;
  readonly answeredBy: string | null;
}
