/**
 * What was found where, before anything is judged: `cli` gathers it, everything in this folder only reads it. What could
 * not be looked at is here as such, with the reason: it never becomes a *yes*.
 */
import type { DrillKind, Level } from '../core/drill.js';
import type { ObjectiveVerdict } from '../core/measurement.js';
import type { RecoveryPlan } from '../core/recovery-plan.js';
import type { Bilingual } from '../core/text.js';

export interface ReadinessEvidence {
  /** Epoch ms; all times here are. */
  readonly nowMs: number;
  readonly plan: RecoveryPlan;
  /** Null = nobody named a registry: everything that was found counts. */
  readonly target: TargetReading | null;
  /** Null = the built-in plan: nobody's own. */
  readonly planFile: { readonly path: string; readonly changedMs: number; readonly sha256: string } | null;
  readonly tiers: readonly TierReading[];
  readonly verifications: Reading<readonly Verification[]>;
  /** Every recorded run, oldest first; with a target none on another product. */
  readonly runs: Reading<readonly RunRecord[]>;
  readonly issues: Reading<readonly IssueRecord[]>;
  /** Whether what the plan names is there. */
  readonly paths: readonly PathReading[];
  readonly commands: readonly CommandReading[];
}

/** The registry that was asked about, as it answered just now. */
export interface TargetReading {
  readonly product: string;
  readonly version: string;
  /** Null = a product of this kind has none. */
  readonly clusterId: string | null;
  /** Which node told what there is. */
  readonly node: string;
  /** False = there was no leader to ask: a later write may be missing. */
  readonly leader: boolean;
  readonly services: number;
  readonly instances: number;
  /** Instances without a lease: what a restore must bring back. */
  readonly durable: number;
  /** Runs that do not count, by their product. */
  readonly runsLeftOut: readonly LeftOut[];
}

/** What was found and is of another registry than the one asked about. */
export interface LeftOut {
  readonly product: string;
  /** Of another cluster of the same product; null = it tells none, or is of another product that has none. */
  readonly clusterId: string | null;
  readonly count: number;
}

/** `where` names what was looked at, for people. */
export type Reading<T> =
  | { readonly read: true; readonly where: string; readonly value: T }
  | { readonly read: false; readonly where: string; readonly why: Bilingual };

export interface TierReading {
  readonly tier: string;
  readonly countsAsAnotherPlace: boolean;
  /** Null = for ever. */
  readonly keepMs: number | null;
  /** With a target those of it alone. */
  readonly archives: Reading<readonly ArchiveRecord[]>;
  readonly leftOut: readonly LeftOut[];
  /** The newest chain, read back: what it took and what its bytes are. Empty = nothing was read back. */
  readonly readBack: readonly ReadBack[];
}

export interface ArchiveRecord {
  /** Without `.age`. */
  readonly file: string;
  /** Of the stored file, as its label says. */
  readonly sha256: string;
  readonly bytes: number;
  /** As the store says. */
  readonly storedBytes: number;
  readonly type: 'full' | 'incremental';
  readonly takenMs: number;
  /** The full archive its chain begins with. */
  readonly base: string;
  readonly parent: string | null;
  readonly product: string;
  readonly clusterId: string | null;
  /** Instances without a lease in the whole state after it. */
  readonly durable: number;
}

export interface ReadBack {
  readonly file: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly tookMs: number;
}

/** What one `backup verify` said. */
export interface Verification {
  readonly atMs: number;
  readonly file: string;
  readonly sha256: string;
  readonly base: string;
  readonly sound: boolean;
  /** It could not be opened, for want of its key: what it holds nobody knows. */
  readonly noKey: boolean;
  /** The practice cluster it was restored into and compared with; null = only read. */
  readonly restoredInto: string | null;
}

export interface RunRecord {
  readonly runId: string;
  /** Its folder, as people see it. */
  readonly where: string;
  readonly drill: string;
  readonly kind: DrillKind;
  /** Null in a run without a target. */
  readonly product: string | null;
  readonly startedMs: number;
  readonly endedMs: number;
  readonly valid: boolean;
  /** Answers came from a file: proves the tool, not people. */
  readonly scripted: boolean;
  readonly rto: readonly MeasuredObjective[];
  readonly rpo: readonly MeasuredObjective[];
  /** Of the recovery plan that the run used; null = not known. */
  readonly planSha256: string | null;
  /** `decide` steps that came to an outcome. */
  readonly decided: readonly string[];
  readonly ratings: readonly (1 | 3 | 5)[];
  /** Steps of people and milestones that had a time, and how many kept it. */
  readonly onTime: { readonly kept: number; readonly of: number };
  readonly restores: readonly RestoreSample[];
  /** Size of the last full backup it made; null = it made none. */
  readonly backupBytes: number | null;
  /** As the run found them, all open. */
  readonly issues: readonly IssueRecord[];
  readonly hasReport: boolean;
  readonly signedBy: string | null;
}

export interface MeasuredObjective {
  readonly limitMs: number;
  readonly measuredMs: number | null;
  readonly verdict: ObjectiveVerdict;
}

/** A whole restore that was measured. */
export interface RestoreSample {
  readonly bytes: number;
  readonly tookMs: number;
}

export interface IssueRecord {
  readonly id: string;
  readonly rule: string;
  readonly priority: Level;
  readonly open: boolean;
  readonly dueMs: number | null;
  /** When the newest run that showed it began. */
  readonly seenMs: number;
  /** Only runs on another product than the target's have shown it. */
  readonly elsewhere: boolean;
}

export interface PathReading {
  readonly what: Bilingual;
  readonly path: string;
  readonly role: 'runbook' | 'other';
  /** Null = could not be looked at; `why` says the reason. */
  readonly exists: boolean | null;
  readonly why: Bilingual | null;
  readonly changedMs: number | null;
}

export interface CommandReading {
  readonly what: Bilingual;
  readonly argv: readonly string[];
  readonly wanted: string;
  readonly outcome:
    | { readonly ran: true; readonly output: string }
    | { readonly ran: false; readonly found: boolean; readonly why: Bilingual };
}
