/**
 * The recovery plan file. What is optional here may be left out of a plan: what needs it then says so (`unknown`, or
 * refused), it never takes the built-in plan's part for it.
 */
import type { BackupCalendar, WorkingHours } from './backup-calendar.js';
import type { DrillKind, Level } from './drill.js';
import type { DecisionTree, Degradation } from './plan-decision.js';
import type { Distance, Site, SyncMode, Tier } from './plan-places.js';
import type { Text } from './text.js';

export interface RecoveryPlan {
  readonly apiVersion: 'firedrill/v1';
  readonly version: string;
  readonly title: Text;
  readonly levels: Readonly<Record<Level, LevelSpec>>;
  readonly roles: Readonly<Record<string, { readonly title: Text; readonly duty: Text }>>;
  readonly contacts: readonly Contact[];
  readonly milestones: readonly Milestone[];
  readonly presets: Readonly<Record<string, ObjectivePreset>>;
  /** Who last read the whole plan and found it right, and when. */
  readonly confirmed?: { readonly at: string; readonly by: string };
  readonly workingHours?: WorkingHours;
  /** What is usual at which RTO and RPO, and what it costs (seed §7.1, §7.2): shortest first. */
  readonly objectiveClasses?: { readonly rto: readonly RtoClass[]; readonly rpo: readonly RpoClass[] };
  /** Distances and ways of keeping sites alike (seed §4.2, §4.3); sites name them. */
  readonly distances?: Readonly<Record<string, Distance>>;
  readonly syncModes?: Readonly<Record<string, SyncMode>>;
  readonly sites?: Readonly<Record<string, Site>>;
  /** In the order in which a restore looks for an archive: nearest first. */
  readonly tiers?: Readonly<Record<string, Tier>>;
  readonly calendar?: BackupCalendar;
  readonly restoreEstimates?: readonly RestoreEstimate[];
  /** Decision trees by the name that a `decide` step gives. */
  readonly decision?: Readonly<Record<string, DecisionTree>>;
  readonly degradation?: Degradation;
  readonly resources?: readonly Resource[];
  readonly thirdParties?: readonly ThirdParty[];
  /** How often a drill of a kind is due. */
  readonly drillFrequency?: Readonly<Partial<Record<DrillKind, DrillInterval>>>;
  readonly readiness?: ReadinessSpec;
}

export const DRILL_INTERVALS = ['monthly', 'quarterly', 'half-yearly', 'yearly'] as const;
export type DrillInterval = (typeof DRILL_INTERVALS)[number];

/** The 16 questions of seed §9.4. */
export const QUESTIONS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16] as const;
export type QuestionNumber = (typeof QUESTIONS)[number];

export interface ReadinessSpec {
  /** A *no* to one of these makes `readiness` exit with 1. */
  readonly required: readonly QuestionNumber[];
  /** A contact, or the plan, that was not confirmed within this is out of date. */
  readonly confirmedWithinMs: number;
  /** The preset that the registry of this plan must keep to. */
  readonly objective: string;
}

export interface RtoClass {
  readonly rtoMs: number;
  readonly means: Text;
  readonly cost: Text;
  readonly complexity: Text;
}

export interface RpoClass {
  readonly rpoMs: number;
  readonly means: Text;
}

/** What a restore of that much usually takes (seed §5.2); `upToBytes` null = any larger size. */
export interface RestoreEstimate {
  readonly upToBytes: number | null;
  readonly from: Text;
  readonly leastMs: number;
  readonly mostMs: number;
}

/** What the recovery needs; all but an address can be looked at. Paths are as in the file: relative to it, or absolute. */
export type Resource =
  | { readonly kind: 'runbook' | 'path'; readonly title: Text; readonly path: string }
  | {
      readonly kind: 'command';
      readonly title: Text;
      /** Prints its version. */
      readonly argv: readonly string[];
      /** Must be in what the command prints: `3.5` fits 3.5.16, not 3.50. */
      readonly version: string;
    }
  | { readonly kind: 'address'; readonly title: Text; readonly address: string };

export interface ThirdParty {
  readonly name: string;
  readonly for: Text;
  readonly reach: string;
  /** ISO date of the last confirmation. */
  readonly confirmedAt?: string;
}

export interface LevelSpec {
  readonly title: Text;
  readonly scope: Text;
  /** null = within working hours. */
  readonly responseMs: number | null;
  readonly response: Text;
  readonly recoveryTargetMs: number;
  readonly owner: Text;
  /** Problem deadline after the end of the run: a span, a calendar month, or none. */
  readonly deadline:
    | { readonly kind: 'span'; readonly ms: number }
    | { readonly kind: 'month' }
    | { readonly kind: 'none' };
  readonly example: Text;
}

export interface Contact {
  readonly name: string;
  readonly role: string;
  readonly reach: string;
  /** ISO date of the last confirmation. */
  readonly confirmedAt?: string;
}

export interface Milestone {
  /** `T+5m` */
  readonly id: string;
  readonly atMs: number;
  readonly title: Text;
  /** The role that answers for it. */
  readonly by?: string;
  /** What is then done, all side by side. */
  readonly actions?: readonly { readonly title: Text; readonly by: string }[];
}

export interface ObjectivePreset {
  readonly title: Text;
  readonly rtoMs: number;
  readonly rpoMs: number;
  /** Cost against a plain set-up, and complexity (seed §7.1), for the report. */
  readonly cost?: Text;
}
