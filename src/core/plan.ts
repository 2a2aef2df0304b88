import type { RestartPolicy } from './abilities.js';
import type { Drill, PhaseName, Verb } from './drill.js';
import type { TargetBinding } from './target.js';
import type { Bilingual } from './text.js';

/** The drill bound to live targets: exactly what will happen. */
export interface Plan {
  readonly schemaVersion: 1;
  readonly drillSha256: string;
  /** Null in a drill without a target. */
  readonly target: PlannedTarget | null;
  readonly steps: readonly PlannedStep[];
  readonly warnings: readonly Bilingual[];
  /** Sum of planned times, parallel groups by their slowest; null parts count 0. */
  readonly estimateMs: number;
}

export interface PlannedTarget {
  readonly binding: TargetBinding;
  readonly members: readonly {
    readonly node: string;
    readonly url: string;
    readonly pid: number | null;
    /** Tells one start of the node from another (`NodeState`). */
    readonly startTicks: number | null;
    readonly leader: boolean;
    readonly voter: boolean;
    /** Whether the node's manager brings it back; absent = its driver knows none. */
    readonly restartPolicy?: RestartPolicy;
  }[];
  readonly voters: number;
  readonly quorum: number;
}

export interface PlannedStep {
  readonly id: string;
  readonly phase: PhaseName;
  readonly verb: Verb;
  readonly summary: Bilingual;
  /** Nodes chosen as things stand now; a leader is chosen again when the step begins. */
  readonly nodes: readonly string[];
  readonly undo: Bilingual | null;
  readonly irreversible: Bilingual | null;
  /** Voters that still vote while this step's fault is on; null where it does not matter. */
  readonly votersLeft: number | null;
  readonly estimateMs: number;
}

/** What `plan` refuses: each before anything is broken. */
export interface Refusal {
  readonly code: string;
  readonly step: string | null;
  readonly message: Bilingual;
  readonly hint?: Bilingual;
}

export type PlanResult =
  | { readonly ok: true; readonly plan: Plan }
  | { readonly ok: false; readonly refusals: readonly Refusal[] };

export interface LoadedDrill {
  readonly drill: Drill;
  /** As given by the user. */
  readonly path: string;
  /** The exact text, frozen into the run folder. */
  readonly source: string;
  readonly sha256: string;
}
