/**
 * `result.json`: the names of report.md, which other programs read; more was added, nothing renamed.
 * It holds everything on the page but the raw event log. Times ending in `Ms`: run clock, zero at the first event.
 */
import type { DrillKind, Level } from './drill.js';
import type {
  Evidence,
  FaultMeasurement,
  LedgerMeasurement,
  Measurements,
  ObjectiveVerdict,
  RecoveryMeasurement,
} from './measurement.js';
import type { Outcome } from './outcome.js';
import type { PlannedStep } from './plan.js';
import type { Review, ReviewAction, RootCause } from './review.js';
import type { DimensionId } from './rubric.js';
import type { Bilingual } from './text.js';

export interface Result {
  readonly schemaVersion: 1;
  readonly runId: string;
  readonly firedrill: string;
  readonly drill: {
    readonly id: string;
    readonly kind: DrillKind;
    readonly level: Level;
    readonly sha256: string;
    readonly title: Bilingual;
    readonly why: { readonly hypothesis: Bilingual | null; readonly risk: string | null };
  };
  readonly startedAt: string;
  readonly endedAt: string;
  readonly timeZone: string;
  readonly valid: boolean;
  readonly invalidBecause: readonly { readonly code: string; readonly text: Bilingual; readonly evidence: Evidence }[];
  /** The run ended before its plan did; says how. */
  readonly endedEarly: Bilingual | null;
  readonly outcome: Outcome;
  readonly exitCode: number;
  readonly headline: Bilingual;
  /** The three questions of seed §9.2; null unless full-flow. */
  readonly questions:
    | readonly {
        readonly question: Bilingual;
        readonly answer: 'yes' | 'no' | 'unknown';
        readonly outcome: Bilingual;
        readonly evidence: Evidence;
      }[]
    | null;
  readonly objectives: readonly ResultObjective[];
  readonly score: Score | null;
  /** Why there is no score, or no total; null when there is one. */
  readonly noScore: Bilingual | null;
  readonly faults: readonly FaultMeasurement[];
  readonly recovery: readonly RecoveryMeasurement[];
  readonly ledger: LedgerMeasurement | null;
  readonly loss: Measurements['loss'];
  readonly integrity: Measurements['integrity'];
  readonly availability: Measurements['availability'];
  readonly canary: Measurements['canary'];
  readonly steps: Measurements['steps'];
  readonly plannedSteps: readonly PlannedStep[];
  readonly phases: Measurements['phases'];
  readonly checks: Measurements['checks'];
  readonly contents: Measurements['contents'];
  readonly milestones: Measurements['milestones'];
  readonly decisions: readonly {
    readonly by: string;
    readonly what: Bilingual;
    readonly reason: Bilingual;
    readonly evidence: Evidence;
  }[];
  readonly decisionTrees: Measurements['decisions'];
  readonly degradations: Measurements['degradations'];
  readonly situations: Measurements['people']['situations'];
  readonly people: Omit<Measurements['people'], 'situations'>;
  readonly problems: Measurements['problems'];
  readonly backups: Measurements['backups'];
  readonly restores: Measurements['restores'];
  readonly fallbacks: Measurements['fallbacks'];
  readonly safety: Measurements['safety'];
  readonly residue: {
    readonly checked: boolean;
    readonly left: readonly { readonly undo: string; readonly what: Bilingual }[];
  };
  readonly issues: readonly Issue[];
  /** What people added after the run; null = nothing yet. */
  readonly review: Review | null;
  /** What the drill before left to do, and what this run showed of it. */
  readonly carriedOver: CarriedOver;
  readonly worked: readonly { readonly text: Bilingual; readonly evidence: Evidence }[];
  readonly readings: readonly Bilingual[];
  readonly environment: ResultEnvironment;
  readonly previous:
    | (RunSummary & {
        readonly comparable: boolean;
        readonly why: Bilingual | null;
        readonly closed: readonly string[];
        readonly reopened: readonly string[];
        readonly fresh: readonly string[];
      })
    | null;
  readonly journal: { readonly events: number; readonly head: string; readonly attempts: number };
}

export interface ResultObjective {
  readonly id: 'rto' | 'rpo.records' | 'rpo.time';
  readonly operation?: string;
  readonly step?: string;
  /** rto, rpo.time */
  readonly limitMs?: number;
  readonly measuredMs?: number | null;
  readonly errorMs?: number | null;
  /** rpo.records */
  readonly limit?: number;
  readonly measured?: number | null;
  readonly verdict: ObjectiveVerdict;
  readonly why: Bilingual;
  readonly evidence: Evidence;
}

export interface Score {
  readonly earned: number;
  readonly assessable: number;
  /** earned of assessable, scaled to 100, one decimal; null when fewer than the rubric's minimum is assessable. */
  readonly percent: number | null;
  readonly passMark: number;
  /** `default@1` */
  readonly rubric: string;
  readonly dimensions: readonly ScoreDimension[];
}

export interface ScoreDimension {
  readonly id: DimensionId;
  readonly title: Bilingual;
  readonly earned: number;
  readonly possible: number;
  readonly criteria: readonly ScoreCriterion[];
}

export interface ScoreCriterion {
  readonly id: string;
  readonly title: Bilingual;
  readonly earned: number;
  readonly possible: number;
  readonly state: 'assessed' | 'not-assessed' | 'not-applicable';
  readonly rule: Bilingual;
  readonly source: 'seed §8.4' | 'ours';
  /** Why these points: the grade reached, what was lost and because of what. */
  readonly reason: Bilingual;
  readonly evidence: Evidence;
}

export interface Issue {
  /** `FD-1a2b3c4d`, from the fingerprint: the same problem is the same issue. */
  readonly id: string;
  readonly fingerprint: string;
  readonly priority: Level;
  readonly title: Bilingual;
  readonly detail: Bilingual;
  /** The rule that made it: `rto-missed`; a later run closes it by passing the same rule. */
  readonly rule: string;
  readonly step: string | null;
  readonly owner: string;
  /** ISO with the zone's offset; null = no deadline. */
  readonly due: string | null;
  readonly status: 'new' | 'open' | 'reopened';
  /** How many runs showed it, this one included. */
  readonly seen: number;
  readonly firstSeenRun: string;
  /** From the review of this run, or of an earlier one that showed the issue; null = not found yet. */
  readonly rootCause: RootCause | null;
  readonly actions: readonly ReviewAction[];
  readonly evidence: Evidence;
}

/** An issue as it stood at the start of a run, for carry-over. Older journals lack what is optional. */
export interface IssueSummary {
  readonly id: string;
  readonly fingerprint: string;
  readonly status: 'open' | 'closed';
  readonly seen: number;
  readonly firstSeenRun: string;
  readonly due: string | null;
  readonly title?: Bilingual;
  readonly priority?: Level;
  readonly rootCause?: RootCause | null;
  readonly actions?: readonly ReviewAction[];
}

/** What the drill before this one, of the same id, left behind; journaled at the start. */
export interface LastReview {
  readonly runId: string;
  readonly startedAt: string;
  /** Null = that run was never reviewed. */
  readonly review: Review | null;
  /** Milestones after its end whose time had passed, and which nobody had recorded. */
  readonly openMilestones: readonly { readonly id: string; readonly title: Bilingual; readonly dueAt: string }[];
}

export interface CarriedOver {
  readonly last: LastReview | null;
  readonly problems: readonly {
    readonly id: string;
    readonly title: Bilingual | null;
    readonly priority: Level | null;
    readonly rootCause: RootCause | null;
    readonly actions: readonly ReviewAction[];
    /** `passed`: this run looked at the same rule and it held; `not-tested`: it did not look, which proves nothing. */
    readonly now: 'found-again' | 'passed' | 'not-tested';
  }[];
}

export interface RunSummary {
  readonly runId: string;
  readonly startedAt: string;
  readonly outcome: Outcome;
  readonly percent: number | null;
  readonly rubric: string | null;
  readonly rtoMs: number | null;
  readonly lostRecords: number | null;
  /** Product, version and number of nodes: equal = comparable. */
  readonly topology: string;
  readonly criteria: Readonly<Record<string, number>>;
}

export interface ResultEnvironment {
  readonly name: string;
  readonly production: boolean;
  readonly startedBy: string;
  readonly argv: readonly string[];
  readonly host: { readonly name: string; readonly os: string; readonly node: string; readonly cpus: number };
  readonly target: {
    readonly product: string;
    readonly version: string;
    readonly lab: string | null;
    readonly nodes: readonly {
      readonly name: string;
      readonly url: string;
      readonly leader: boolean;
      readonly voter: boolean;
    }[];
    readonly voters: number;
    readonly quorum: number;
  } | null;
  readonly roles: Readonly<Record<string, readonly string[]>>;
  readonly unavailable: readonly string[];
  readonly scriptedAnswers: boolean;
  readonly answeredBy: string | null;
}
