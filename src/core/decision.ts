/** What a `decide` step looks at and what comes of it: answers to the questions of a decision tree, each with its evidence. */
import type { Clock } from './clock.js';
import type { Drill, Scalar } from './drill.js';
import type { Evidence } from './measurement.js';
import type { DecisionAnswer, DecisionFact } from './plan-decision.js';
import type { RecoveryPlan } from './recovery-plan.js';
import type { Cluster } from './target.js';
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

/** What is known of a standby; null = it could not be told. */
export interface StandbyFacts {
  /** As in the recovery plan. */
  readonly site: string;
  readonly healthy: boolean | null;
  /** How far it is behind: what a switch costs in data. */
  readonly lagMs: number | null;
  /** 0…1 of the entries. */
  readonly equalShare: number | null;
  /** Network delay that clients have more after a switch, as measured. */
  readonly addedDelayMs: number | null;
  readonly detail: Bilingual;
  readonly where: Bilingual;
  /** Events of this run that it rests on; empty = only what was seen just now. */
  readonly evidence: Evidence;
}

export interface StandbyWorld {
  readonly cluster: Cluster;
  readonly drill: Drill;
  readonly plan: RecoveryPlan;
  readonly clock: Clock;
  readonly limitMs: number;
  readonly signal: AbortSignal;
}

/** Looks at the standby as it is now; null = there is none. Absent in `Services` = nobody can look. */
export type LookAtStandby = (world: StandbyWorld) => Promise<StandbyFacts | null>;

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
