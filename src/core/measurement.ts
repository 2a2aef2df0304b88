/** What `measure` makes of a journal. Every value carries its evidence: event numbers. Times: run clock, ms. */

import type { ArchiveType } from './backup.js';
import type { SwitchCosts } from './decision.js';
import type { BackupSubstep, JudgedOperation, Level, PhaseName, RestoreSubstep, Scalar, Verb } from './drill.js';
import type { DegradedSource, TrafficOperation } from './journal.js';
import type { Outcome } from './outcome.js';
import type { DecisionAnswer, DecisionFact, DegradationNumber } from './plan-decision.js';
import type { Said } from './review.js';
import type { Bilingual } from './text.js';

export type Evidence = readonly number[];

export interface Measurements {
  readonly run: {
    readonly endedEarly: boolean;
    readonly ending: 'completed' | 'refused' | 'stopped' | 'error' | 'cut';
    readonly stopCause: string | null;
    readonly startedAt: string;
    readonly endedAt: string;
    readonly durationMs: number;
  };
  readonly validity: {
    readonly valid: boolean;
    readonly because: readonly { readonly code: string; readonly text: Bilingual; readonly evidence: Evidence }[];
  };
  readonly faults: readonly FaultMeasurement[];
  readonly recovery: readonly RecoveryMeasurement[];
  readonly objectives: readonly ObjectiveMeasurement[];
  readonly ledger: LedgerMeasurement | null;
  readonly loss: LossMeasurement | null;
  readonly integrity: {
    readonly count: Outcome;
    readonly hash: Outcome;
    readonly functional: Outcome;
    readonly evidence: Evidence;
  };
  readonly availability: readonly OperationAvailability[];
  readonly phases: readonly {
    readonly phase: PhaseName;
    readonly startMs: number;
    readonly endMs: number | null;
    readonly outcome: Outcome;
    readonly evidence: Evidence;
  }[];
  readonly steps: readonly StepMeasurement[];
  readonly checks: readonly CheckMeasurement[];
  /** What each phase must contain (seed §8.3), where a journal can show it. */
  readonly contents: readonly {
    readonly id: string;
    readonly phase: PhaseName;
    readonly text: Bilingual;
    readonly present: boolean;
    readonly evidence: Evidence;
  }[];
  readonly milestones: readonly MilestoneMeasurement[];
  readonly problems: readonly ProblemMeasurement[];
  readonly decisions: readonly DecisionMeasurement[];
  readonly degradations: readonly DegradationMeasurement[];
  readonly people: {
    readonly scripted: boolean;
    readonly manual: readonly ManualMeasurement[];
    readonly documents: readonly DocumentMeasurement[];
    readonly situations: readonly SituationMeasurement[];
    readonly estimatedRecoveryMs: number | null;
  };
  readonly backups: readonly BackupMeasurement[];
  readonly restores: readonly RestoreMeasurement[];
  /** Found damaged before any data was touched, and not restored from. */
  readonly damagedArchives: readonly {
    readonly step: string;
    readonly file: string;
    readonly reason: Bilingual;
    /** It is the key that does not open it. */
    readonly key?: true;
    readonly evidence: Evidence;
  }[];
  /** Of the restores that did not take the first archive at hand: what was tried, and what that cost. */
  readonly fallbacks: readonly FallbackMeasurement[];
  readonly residue: {
    readonly checked: boolean;
    readonly left: readonly { readonly undo: string; readonly what: Bilingual }[];
    readonly evidence: Evidence;
  };
  readonly safety: {
    readonly planned: readonly string[];
    readonly touched: readonly string[];
    /** Armed undo records that were never seen reverted: still on unless a residue check said clean. */
    readonly open: readonly { readonly undo: string; readonly undoer: string; readonly step: string }[];
    readonly failedReverts: readonly {
      readonly undo: string;
      readonly step: string;
      readonly detail: Bilingual;
      readonly evidence: Evidence;
    }[];
  };
  readonly canary: { readonly attempts: number; readonly lagP99Ms: number | null; readonly lagMaxMs: number | null };
}

export interface FaultMeasurement {
  readonly step: string;
  readonly name: string;
  readonly targets: readonly string[];
  readonly scope: 'node' | 'data';
  readonly requestedAtMs: number;
  readonly effectiveAtMs: number | null;
  /** observed − requested. */
  readonly bracketMs: number | null;
  readonly confirmed: boolean;
  readonly reverted: boolean;
  readonly revertedAtMs: number | null;
  readonly revertedBy: string | null;
  readonly detail: Bilingual;
  readonly evidence: Evidence;
}

export interface RecoveryMeasurement {
  readonly step: string;
  readonly operation: JudgedOperation;
  readonly lastGoodMs: number | null;
  readonly firstBadMs: number | null;
  readonly recoveredMs: number | null;
  readonly recoveryMs: number | null;
  readonly errorMs: number | null;
  /** recovered: measured · not-recovered: samples to the end, none stable · unknown: not enough samples */
  readonly state: 'recovered' | 'not-recovered' | 'unknown';
  /** Where no recovery was seen: it took longer than this for certain. Absent or null = nothing is certain. */
  readonly leastMs?: number | null;
  readonly why: Bilingual | null;
  /** Attempts after the fault that did not succeed before recovery. */
  readonly failedAttempts: number;
  readonly evidence: Evidence;
}

export type ObjectiveVerdict = 'within' | 'borderline' | 'missed' | 'unknown';
export interface ObjectiveMeasurement {
  readonly id: 'rto' | 'rpo.records' | 'rpo.time';
  readonly operation?: JudgedOperation;
  /** The fault step it was judged on. */
  readonly step?: string;
  /** ms, or records for rpo.records. */
  readonly limit: number;
  readonly measured: number | null;
  readonly error: number | null;
  readonly verdict: ObjectiveVerdict;
  readonly why: Bilingual;
  readonly evidence: Evidence;
}

export interface LedgerCounts {
  readonly present: number;
  readonly absent: number;
  readonly stale: number;
  readonly ghost: number;
  readonly resurrected: number;
}

export const LEDGER_CLASSES = ['lost', 'stale', 'ghost', 'resurrected', 'divergent'] as const;
export type LedgerClass = (typeof LEDGER_CLASSES)[number];

export interface LedgerMeasurement {
  /** Entries, by their newest operation. */
  readonly issued: number;
  readonly acknowledged: number;
  readonly failed: number;
  readonly unknown: number;
  /** Single write operations. */
  readonly operations: {
    readonly issued: number;
    readonly acknowledged: number;
    readonly failed: number;
    readonly unknown: number;
  };
  readonly present: number;
  readonly lost: number;
  readonly ghost: number;
  readonly stale: number;
  readonly resurrected: number;
  /** Null when fewer than two nodes could be read: there was nothing to compare. */
  readonly divergent: number | null;
  readonly reregistered: number;
  /** Lost while their lease had to hold, and registered again by their owner before the nodes were read. */
  readonly healed: number;
  readonly nodes: readonly (LedgerCounts & { readonly node: string; readonly readable: boolean })[];
  /** At most 20 a class. */
  readonly samples: readonly {
    readonly entry: string;
    readonly class: LedgerClass;
    readonly expected: string;
    readonly seen: Readonly<Record<string, string>>;
    readonly evidence: Evidence;
  }[];
  readonly evidence: Evidence;
}

export interface LossMeasurement {
  /** Lost entries plus entries whose newest acknowledged value is on no readable node. */
  readonly records: number;
  readonly lostUpdates: number;
  /** Moment of the loss − oldest lost acknowledgement, never below 0; 0 when nothing was lost. */
  readonly timeMs: number;
  /** The moment of the loss and what caused it; null when nothing was lost. */
  readonly lossAtMs: number | null;
  readonly cause: Bilingual | null;
  /** Lost although acknowledged after the fault. */
  readonly afterFault: number;
  /** Moment of the loss − newest state of the restored archive. Null without a restore. */
  readonly recoveryPointAgeMs: number | null;
  readonly evidence: Evidence;
}

/** Equal slices of time; the report draws them. */
export interface OperationAvailability {
  readonly operation: TrafficOperation;
  readonly attempts: number;
  readonly ok: number;
  readonly failed: number;
  readonly unknown: number;
  readonly sliceMs: number;
  readonly slices: readonly {
    readonly fromMs: number;
    readonly ok: number;
    readonly bad: number;
    readonly maxMs: number | null;
  }[];
}

export interface StepMeasurement {
  readonly id: string;
  readonly phase: PhaseName;
  readonly verb: Verb;
  readonly title: Bilingual | null;
  readonly by: string | null;
  readonly answeredBy: string | null;
  readonly startMs: number | null;
  readonly endMs: number | null;
  readonly expectMs: number | null;
  readonly withinMs: number | null;
  readonly milestone: string | null;
  readonly severity: Level | null;
  readonly outcome: Outcome;
  readonly reason: Bilingual | null;
  readonly late: boolean;
  readonly evidence: Evidence;
}

export interface CheckMeasurement {
  readonly place: 'steady-before' | 'steady-after' | 'gate' | 'step';
  readonly step: string | null;
  readonly probe: string;
  readonly tolerance: string;
  readonly value: string;
  readonly outcome: Outcome;
  readonly detail: Bilingual;
  readonly atMs: number | null;
  readonly evidence: Evidence;
}

export interface MilestoneMeasurement {
  readonly id: string;
  readonly title: Bilingual;
  readonly plannedMs: number;
  /** After the first fault, or the start of the execute phase without one. */
  readonly actualMs: number | null;
  /** `overdue`: open, and a review was written after its time without recording it. */
  readonly state: 'on-time' | 'late' | 'open' | 'overdue' | 'not-in-drill';
  /** Wall-clock time by which it is to be reached, UTC; null = no zero of the timeline is known. */
  readonly dueAt: string | null;
  /** Reached after the run, by this word of a review; null = by the journal, or not reached. */
  readonly reviewed: Said | null;
  readonly step: string | null;
  readonly evidence: Evidence;
}

export interface ProblemMeasurement {
  readonly id: string;
  readonly title: Bilingual;
  readonly priority: Level;
  readonly openedMs: number | null;
  readonly solvedMs: number | null;
  readonly solution: Bilingual | null;
  readonly openedBy: string;
  readonly fallback: 'worked' | 'failed' | null;
  readonly decision: { readonly by: string; readonly reason: Bilingual } | null;
  readonly responseMs: number | null;
  readonly evidence: Evidence;
}

/** One decide step: the way through its tree, and who had the last word. */
export interface DecisionMeasurement {
  readonly step: string;
  readonly tree: string;
  readonly title: Bilingual;
  readonly outcome: string;
  readonly outcomeTitle: Bilingual;
  readonly treeOutcome: string;
  readonly overridden: boolean;
  /** Role that may override. */
  readonly by: string | null;
  readonly answeredBy: string | null;
  /** Null = nobody answered, or the tree names no role. */
  readonly rightPerson: boolean | null;
  readonly reason: string | null;
  readonly answers: readonly {
    readonly question: string;
    readonly ask: Bilingual;
    readonly fact: DecisionFact;
    readonly answer: DecisionAnswer;
    readonly why: Bilingual;
    readonly values: Readonly<Record<string, Scalar | null>>;
    readonly where: Bilingual;
    readonly answeredBy: string | null;
    readonly evidence: Evidence;
  }[];
  readonly costs: SwitchCosts | null;
  readonly evidence: Evidence;
}

/** One stay at a degradation level: what applications got, what it cost, and what the registry itself answered meanwhile. */
export interface DegradationMeasurement {
  readonly step: string;
  readonly level: DegradationNumber;
  readonly title: Bilingual;
  readonly loses: Bilingual;
  readonly commands: number;
  readonly enteredMs: number;
  /** Null = it was on to the end. */
  readonly leftMs: number | null;
  /** First look-up that an application was served at the level; null = none was. */
  readonly servedMs: number | null;
  /** From the newest confirmed fault before it (else from the beginning of the step) to `servedMs`. */
  readonly reachMs: number | null;
  readonly reachFrom: 'fault' | 'step';
  readonly planMs: number | null;
  readonly inTime: boolean | null;
  /** What applications got, by operation and by what served them. */
  readonly applications: readonly {
    readonly operation: 'register' | 'discover';
    readonly servedBy: DegradedSource;
    readonly attempts: number;
    readonly ok: number;
  }[];
  /** What the registry itself answered to the drill meanwhile. */
  readonly registry: readonly {
    readonly operation: JudgedOperation;
    readonly attempts: number;
    readonly ok: number;
  }[];
  /** Age of the oldest list that was used; null = it is not known. */
  readonly staleMs: number | null;
  /** Most instances that were there and on no list at one time: new ones are invisible. Null = never compared. */
  readonly unseen: number | null;
  /** Most listed instances at one time that were not there any more. */
  readonly gone: number | null;
  readonly evidence: Evidence;
}

export interface ManualMeasurement {
  readonly step: string;
  readonly by: string | null;
  readonly answeredBy: string;
  readonly done: boolean;
  readonly note: string | null;
  readonly rightPerson: boolean | null;
  readonly evidence: Evidence;
}
export interface DocumentMeasurement {
  readonly step: string;
  readonly title: Bilingual;
  readonly path: string | null;
  readonly exists: boolean | null;
  readonly question: Bilingual;
  readonly answer: 'yes' | 'no' | 'unknown';
  readonly note: string | null;
  readonly answeredBy: string;
  readonly evidence: Evidence;
}
export interface SituationMeasurement {
  readonly step: string;
  readonly tell: Bilingual;
  readonly expected: Bilingual;
  readonly channel: Bilingual | null;
  readonly at: string | null;
  readonly played: boolean;
  readonly notPlayedBecause: string | null;
  readonly answer: string | null;
  readonly answeredBy: string | null;
  readonly rating: 1 | 3 | 5 | null;
  readonly ratedBy: string | null;
  readonly estimateMs: number | null;
  readonly evidence: Evidence;
}
export interface BackupMeasurement {
  readonly step: string;
  readonly file: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly backupTimeUtc: string;
  readonly services: number;
  readonly instances: number;
  /** Absent = a full one of an earlier version. */
  readonly mode?: ArchiveType;
  /** Of the full archive that an increment's chain begins with; absent = this run did not make it. */
  readonly fullBytes?: number;
  /** An increment was asked for and this is a full one: why. */
  readonly instead?: Bilingual;
  readonly pointMs: number;
  readonly substeps: readonly {
    readonly name: BackupSubstep;
    readonly tookMs: number;
    readonly outcome: Outcome;
    readonly detail: Bilingual;
  }[];
  readonly evidence: Evidence;
}
export interface FallbackMeasurement {
  readonly step: string;
  readonly tries: readonly FallbackTry[];
  /** The archive that was restored; null = none was. */
  readonly taken: { readonly file: string; readonly backupTimeUtc: string } | null;
  /** The owners registered again. */
  readonly byOwners: boolean;
  /** Of the newest that was passed over and has a time; null = there is none newer than the one taken. */
  readonly newestUtc: string | null;
  /** How much older the one taken is than the newest; null = not known, or none was taken. */
  readonly olderByMs: number | null;
  /** Lost writes acknowledged between the two: what the newest would have brought back. Null = not known. */
  readonly lostBetween: number | null;
  readonly evidence: Evidence;
}

export interface FallbackTry {
  readonly where: Bilingual;
  readonly file: string | null;
  readonly backupTimeUtc: string | null;
  /** `key`: the key does not open it. `none`: there is nothing there. */
  readonly outcome: 'taken' | 'damaged' | 'key' | 'none' | 'refused' | 'failed';
  readonly reason: Bilingual | null;
  /** From the start of the step until this was told; null = not known. */
  readonly toldMs: number | null;
  readonly evidence: Evidence;
}

export interface RestoreMeasurement {
  readonly step: string;
  readonly file: string;
  readonly scope: 'all' | 'service';
  readonly service: string | null;
  readonly backupTimeUtc: string;
  readonly substeps: readonly {
    readonly name: RestoreSubstep;
    readonly startMs: number;
    readonly tookMs: number;
    readonly expectMs: number | null;
    readonly outcome: Outcome;
    readonly detail: Bilingual;
    readonly evidence: Evidence;
  }[];
  readonly sixSteps: boolean;
  readonly evidence: Evidence;
}
