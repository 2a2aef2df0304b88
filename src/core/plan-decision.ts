/** The recovery plan's decisions: the tree of seed §6.3 and the degradation levels of §6.4. */
import type { Text } from './text.js';

/**
 * What answers a question: three kinds of live facts, or only a person.
 * `repairable-in-place`: can it be recovered where it is within the question's limit? `usable-backup`: is there data to
 * restore from (a healthy standby's replica counts)? `standby-ready`: healthy, and as alike as its site promises?
 */
export const DECISION_FACTS = ['repairable-in-place', 'usable-backup', 'standby-ready', 'person'] as const;
export type DecisionFact = (typeof DECISION_FACTS)[number];

export const DECISION_ANSWERS = ['yes', 'no', 'unknown'] as const;
export type DecisionAnswer = (typeof DECISION_ANSWERS)[number];

export interface DecisionTree {
  readonly title: Text;
  /** The role that may override an answer or the outcome. */
  readonly by: string;
  /** The first question. */
  readonly start: string;
  readonly questions: Readonly<Record<string, DecisionQuestion>>;
  readonly outcomes: Readonly<Record<string, DecisionOutcome>>;
}

export interface DecisionQuestion {
  readonly ask: Text;
  readonly fact: DecisionFact;
  /** Of `repairable-in-place`: how long a repair may take. */
  readonly withinMs?: number;
  /** Each leads to a question or to an outcome; the tree has no circle. */
  readonly branches: Readonly<Record<DecisionAnswer, string>>;
}

export interface DecisionOutcome {
  readonly title: Text;
  readonly meaning?: Text;
}

export const DEGRADATION_CLIENTS = ['read-only', 'local-cache', 'static', 'core-only'] as const;
/** How clients work at levels 1 to 4, in this order. */
export type DegradationClients = (typeof DEGRADATION_CLIENTS)[number];
export const DEGRADATION_LEVELS = [1, 2, 3, 4] as const;
export type DegradationNumber = (typeof DEGRADATION_LEVELS)[number];

export interface Degradation {
  /** Services that level 4 keeps up, and whose loss is P0. */
  readonly coreServices: readonly string[];
  /** All four, lightest first. */
  readonly levels: readonly DegradationLevel[];
  readonly fullRecovery: { readonly withinMs: number; readonly loses: Text; readonly for: Text };
}

export interface DegradationLevel {
  readonly level: DegradationNumber;
  readonly title: Text;
  readonly clients: DegradationClients;
  readonly means: Text;
  /** Time to reach it; absent = the seed names none. */
  readonly withinMs?: number;
  readonly loses: Text;
  readonly for?: Text;
  /** The plan's own programs (never a shell), run in order; empty = only the clients change. */
  readonly enter: readonly (readonly string[])[];
  readonly leave: readonly (readonly string[])[];
}
