/**
 * The journal: one JSON object a line. `hash` is the SHA-256 of the line without its `hash` member, and `prev` is the
 * hash of the line before, so that a changed, missing or added line shows. The last event of a whole journal is
 * `run.ended` (or `recover.ended`).
 */

import type { ArchiveType } from './backup.js';
import type { Clock } from './clock.js';
import type { AnsweredQuestion, SwitchCosts } from './decision.js';
import type {
  BackupSubstep,
  Drill,
  Level,
  PhaseName,
  RestoreFallback,
  RestoreSubstep,
  Scalar,
  Tolerance,
  TrafficSpec,
  Verb,
} from './drill.js';
import type { Json } from './fault.js';
import type { Outcome } from './outcome.js';
import type { Plan } from './plan.js';
import type { DegradationClients, DegradationNumber } from './plan-decision.js';
import type { RecoveryPlan } from './recovery-plan.js';
import type { IssueSummary, LastReview, RunSummary } from './result.js';
import type { Rubric } from './rubric.js';
import type { Bilingual, Text } from './text.js';

export const JOURNAL_SCHEMA_VERSION = 1;

interface Stamp {
  /** Counts from 1: the evidence number. */
  readonly seq: number;
  /** Wall time, UTC: for people. */
  readonly at: string;
  /** Monotonic ms since the first event: for arithmetic. Null when written by another boot. */
  readonly ms: number | null;
  readonly prev: string;
  readonly hash: string;
}

export type JournalEvent = Stamp & EventBody;
export type EventOf<T extends EventBody['type']> = Extract<JournalEvent, { readonly type: T }>;
export type BodyOf<T extends EventBody['type']> = Extract<EventBody, { readonly type: T }>;

/** All times ending in `Ms` below are on the run's clock: monotonic ms since the first event. */
export type EventBody =
  // the run
  | {
      readonly type: 'run.opened';
      readonly schemaVersion: typeof JOURNAL_SCHEMA_VERSION;
      readonly runId: string;
      readonly firedrill: string;
      readonly drill: Drill;
      readonly drillSha256: string;
      /** Relative to the working directory, never absolute. */
      readonly drillPath: string;
      readonly plan: Plan;
      readonly recoveryPlan: RecoveryPlan;
      readonly rubric: Rubric;
      readonly startedBy: string;
      /** Secrets removed. */
      readonly argv: readonly string[];
      readonly host: {
        readonly name: string;
        readonly os: string;
        readonly node: string;
        readonly cpus: number;
        readonly bootId: string;
      };
      /** The clock's own reading at the first event, so that another process of this boot can go on with `ms`. */
      readonly clockOriginMs: number;
      /** True when answers come from a file: proves the tool, not people. */
      readonly scriptedAnswers: boolean;
      readonly answeredBy: string | null;
      /** What the run is compared with, as it stood at the start. */
      readonly history: {
        readonly previous: RunSummary | null;
        readonly openIssues: readonly IssueSummary[];
        /** Older journals lack it. */
        readonly last?: LastReview | null;
      };
    }
  | {
      readonly type: 'run.stopping';
      readonly cause: StopCause;
      readonly detail: Bilingual;
      /** When every node was last seen as it should be: what clients felt since then may be no fault's doing. */
      readonly nodesWellMs?: number;
    }
  | { readonly type: 'run.ended'; readonly ending: 'completed' | 'refused' | 'stopped' | 'error' }
  | { readonly type: 'run.error'; readonly where: string; readonly message: Bilingual }
  | { readonly type: 'phase.started'; readonly phase: PhaseName }
  | { readonly type: 'phase.ended'; readonly phase: PhaseName; readonly outcome: Outcome }
  // steps
  | {
      readonly type: 'step.started';
      readonly step: string;
      readonly phase: PhaseName;
      readonly verb: Verb;
      readonly title: Text | null;
      readonly by: string | null;
      readonly withinMs: number | null;
      readonly expectMs: number | null;
      readonly milestone: string | null;
      readonly severity: Level | null;
    }
  | {
      readonly type: 'step.ended';
      readonly step: string;
      readonly outcome: Outcome;
      readonly reason: Bilingual | null;
      readonly tookMs: number;
      readonly answeredBy: string | null;
    }
  | {
      readonly type: 'check.sampled';
      readonly place: 'steady-before' | 'steady-after' | 'gate' | 'step';
      readonly step: string | null;
      readonly probe: string;
      readonly params: Readonly<Record<string, Scalar>>;
      readonly tolerance: Tolerance;
      readonly value: Scalar | null;
      readonly outcome: Outcome;
      readonly detail: Bilingual;
      readonly facts: Readonly<Record<string, Scalar>>;
      readonly waitedMs: number;
    }
  | {
      readonly type: 'recover.action';
      readonly step: string;
      readonly action: string;
      readonly nodes: readonly string[];
      readonly outcome: Outcome;
      readonly detail: Bilingual;
      readonly facts: Readonly<Record<string, Json>>;
    }
  | {
      readonly type: 'command.ended';
      readonly step: string;
      readonly argv: readonly string[];
      readonly exitCode: number | null;
      readonly output: string;
    }
  // decisions and degradation
  | ({ readonly type: 'decision.answered'; readonly step: string; readonly tree: string } & AnsweredQuestion)
  | {
      readonly type: 'decision.made';
      readonly step: string;
      readonly tree: string;
      readonly title: Text;
      readonly outcome: string;
      readonly outcomeTitle: Text;
      /** What the tree came to; another one than `outcome` was overridden. */
      readonly treeOutcome: string;
      /** Role that may override. */
      readonly by: string | null;
      /** Null = nobody was asked or said anything: the tree decided alone. */
      readonly answeredBy: string | null;
      /** Of an override: why. */
      readonly reason: string | null;
      /** Of a switch. */
      readonly costs: SwitchCosts | null;
      /** The answers. */
      readonly evidence: readonly number[];
    }
  /** The plan's commands have run and the clients work as the level says. */
  | {
      readonly type: 'degrade.entered';
      readonly step: string;
      readonly level: DegradationNumber;
      readonly clients: DegradationClients;
      readonly title: Text;
      readonly commands: number;
      /** The step began. */
      readonly startedMs: number;
      readonly enteredMs: number;
      /** The plan's time to reach it; null = it names none. */
      readonly planMs: number | null;
      readonly loses: Text;
    }
  /** The clients work as usual again. `step` = the one that had entered the level. */
  | { readonly type: 'degrade.left'; readonly step: string; readonly level: DegradationNumber; readonly leftMs: number }
  /**
   * What an application got at a degradation level. Not an `attempt`: it says nothing of the registry, whose own answers
   * the drill goes on asking for.
   */
  | {
      readonly type: 'degraded.attempt';
      readonly level: DegradationNumber;
      readonly op: 'register' | 'discover';
      /** The service. */
      readonly entry: string;
      readonly servedBy: DegradedSource;
      readonly dueMs: number;
      readonly issuedMs: number;
      readonly endedMs: number;
      /** ok = the list holds at least one address that is good. */
      readonly outcome: 'ok' | 'failed';
      readonly reason: string | null;
      /** Age of the list; null = not known. */
      readonly ageMs: number | null;
      /** Instances that must be there, those of them that the list lacks, and listed ones that are gone. */
      readonly expected: number | null;
      readonly unseen: number | null;
      readonly gone: number | null;
    }
  // people
  | {
      readonly type: 'manual.answered';
      readonly step: string;
      readonly by: string | null;
      readonly answeredBy: string;
      readonly done: boolean;
      readonly note: string | null;
    }
  | {
      readonly type: 'document.reviewed';
      readonly step: string;
      readonly title: Text;
      readonly path: string | null;
      readonly exists: boolean | null;
      readonly question: Text;
      readonly answer: 'yes' | 'no' | 'unknown';
      readonly note: string | null;
      readonly answeredBy: string;
    }
  | {
      readonly type: 'situation.played';
      readonly step: string;
      readonly tell: Text;
      readonly expected: Text;
      readonly channel: Text | null;
      /** When the players are told, as written in the drill. */
      readonly tellAt: string | null;
      readonly played: boolean;
      readonly notPlayedBecause: string | null;
      readonly answer: string | null;
      readonly answeredBy: string | null;
      readonly rating: 1 | 3 | 5 | null;
      readonly ratedBy: string | null;
      readonly estimateMs: number | null;
    }
  | {
      readonly type: 'problem.opened';
      readonly problem: string;
      readonly title: Text;
      readonly priority: Level;
      readonly by: string;
      readonly step: string | null;
    }
  | {
      readonly type: 'problem.solved';
      readonly problem: string;
      readonly solution: Text | null;
      readonly by: string;
      readonly fallback: 'worked' | 'failed' | null;
      readonly decision: { readonly by: string; readonly reason: Text } | null;
    }
  // faults and other undoable changes
  | {
      readonly type: 'undo.armed';
      readonly undo: string;
      readonly undoer: string;
      readonly step: string;
      readonly nodes: readonly string[];
    }
  /** Just before the request goes out: from here on the fault may be on. Absent in old journals. */
  | {
      readonly type: 'fault.requested';
      readonly undo: string;
      readonly step: string;
      readonly fault: string;
      readonly nodes: readonly string[];
      readonly requestedMs: number;
    }
  | {
      readonly type: 'fault.injected';
      readonly undo: string;
      readonly step: string;
      readonly fault: string;
      readonly nodes: readonly string[] /** The request was sent. */;
      readonly requestedMs: number;
      readonly returnedMs: number;
    }
  | {
      readonly type: 'fault.confirmed';
      readonly undo: string;
      readonly step: string;
      readonly fault: string;
      readonly nodes: readonly string[];
      readonly scope: 'node' | 'data';
      readonly bitten: boolean | null;
      readonly requestedMs: number;
      readonly observedMs: number;
      readonly detail: Bilingual;
    }
  | {
      readonly type: 'undo.reverted';
      readonly undo: string;
      readonly undoer: string;
      readonly step: string;
      readonly cause: RevertCause;
      readonly reverted: boolean;
      readonly nothingToDo: boolean;
      readonly detail: Bilingual;
    }
  | {
      readonly type: 'residue.checked';
      readonly by: 'run' | 'recover';
      readonly checked: number;
      readonly left: readonly { readonly undo: string; readonly what: Bilingual }[];
    }
  // data
  | {
      readonly type: 'backup.substep';
      readonly step: string;
      readonly name: BackupSubstep;
      readonly startedMs: number;
      readonly endedMs: number;
      readonly outcome: Outcome;
      readonly detail: Bilingual;
      readonly facts: Readonly<Record<string, Json>>;
    }
  | {
      readonly type: 'backup.written';
      readonly step: string;
      readonly file: string;
      readonly sha256: string;
      readonly bytes: number;
      readonly backupTimeUtc: string;
      readonly revision: number;
      readonly services: number;
      readonly instances: number;
      readonly durable: number;
      /** Absent = by an earlier version, which made full ones only. */
      readonly mode?: ArchiveType;
      /** The full archive that its chain begins with. */
      readonly base?: string;
      /** An increment was asked for and this is a full one: why. */
      readonly instead?: Bilingual;
      /** When the export saw the data. */
      readonly pointMs: number;
    }
  | {
      readonly type: 'restore.chosen';
      readonly step: string;
      readonly file: string;
      readonly sha256: string;
      readonly backupTimeUtc: string;
      readonly scope: 'all' | 'service';
      readonly service: string | null;
    }
  /** A damaged archive was found before any data was touched. */
  | {
      readonly type: 'archive.refused';
      readonly step: string;
      readonly file: string;
      readonly reason: Bilingual;
      /** It is the key that does not open it. */
      readonly key?: true;
      /** By its label; null = it has none. Absent in old journals. */
      readonly backupTimeUtc?: string | null;
      /** Older than the one that is taken: nothing was lost by it. */
      readonly older?: true;
    }
  /** One place, or way, that a restore tried, in the order of the drill; told before the registry is touched. */
  | {
      readonly type: 'restore.tried';
      readonly step: string;
      /** From 0, which is the place of the step itself. */
      readonly place: number;
      readonly way: RestoreFallback['way'];
      readonly where: Bilingual;
      /** `failed`: it was begun, and the old data was put back. */
      readonly outcome: 'taken' | 'passed-over' | 'failed';
      readonly reason: Bilingual | null;
      readonly file: string | null;
      readonly backupTimeUtc: string | null;
    }
  | {
      readonly type: 'restore.substep';
      readonly step: string;
      readonly name: RestoreSubstep;
      readonly startedMs: number;
      readonly endedMs: number;
      readonly expectMs: number | null;
      readonly outcome: Outcome;
      readonly detail: Bilingual;
      readonly facts: Readonly<Record<string, Json>>;
    }
  // traffic and ledger
  | {
      readonly type: 'traffic.started';
      readonly spec: TrafficSpec;
      readonly services: readonly string[];
    }
  | {
      readonly type: 'attempt';
      readonly op: TrafficOperation /** `service/instance`, or the service of a discover. */;
      readonly entry: string;
      readonly version: number | null;
      readonly durable: boolean;
      readonly again: boolean;
      readonly node: string | null;
      readonly dueMs: number;
      readonly issuedMs: number;
      readonly endedMs: number;
      readonly outcome: 'ok' | 'failed' | 'unknown';
      readonly reason: string | null /** discover: how many entries were expected and missing or old. */;
      readonly expected: number | null;
      readonly missing: number | null;
      /** What the adapter made of a refusal: the lease is not known (any more). Absent: it succeeded, or an old journal. */
      readonly leaseGone?: boolean;
    }
  | { readonly type: 'traffic.lag'; readonly dueMs: number; readonly lagMs: number }
  | { readonly type: 'traffic.writers'; readonly state: 'paused' | 'resumed' | 'stopped'; readonly why: Bilingual }
  | {
      readonly type: 'traffic.rebased';
      readonly step: string;
      /** The archive, or the node that went on alone, whose content is expected from now on. */
      readonly file: string;
      readonly kept: number;
      readonly dropped: number;
    }
  | { readonly type: 'traffic.stopped' }
  | { readonly type: 'ledger.settled'; readonly waitedMs: number }
  /** What one node holds of the canary's entries; several parts when there are many. `version` null = not a canary value. */
  | {
      readonly type: 'ledger.read';
      readonly node: string;
      readonly readable: boolean;
      readonly reason: string | null;
      readonly part: number;
      readonly parts: number;
      readonly entries: readonly (readonly [entry: string, version: number | null])[];
      /** When the node was asked; the reading lies between this and the event. Absent in old journals. */
      readonly readStartedMs?: number;
    }
  // after the run
  | { readonly type: 'recover.started'; readonly by: string; readonly bootId: string; readonly tornBytes: number }
  | { readonly type: 'recover.ended'; readonly clean: boolean }
  | { readonly type: 'output.failed'; readonly what: string; readonly message: Bilingual };

export const TRAFFIC_OPERATIONS = ['register', 'renew', 'discover', 'deregister'] as const;
export type TrafficOperation = (typeof TRAFFIC_OPERATIONS)[number];

/** `none` = the request was held back. `node` = one node's own copy, which may be old. */
export type DegradedSource = 'node' | 'cache' | 'static' | 'registry' | 'none';

export type StopCause =
  | 'interrupt'
  | 'parent-lost'
  | 'abort'
  | 'deadline'
  | 'guard'
  | 'node-died'
  /** The nodes could not be looked at any more. */
  | 'nodes-unseen'
  | 'disk'
  | 'step-failed'
  | 'error';
/** `rollback`: a restore that failed half-way put the old data back. */
export type RevertCause = 'for' | 'heal' | 'recover-step' | 'rollback' | 'final' | 'stop' | 'recover-command';

/** Appends to the journal. `append` is ordered and synchronous; the bytes are on disk after `flush`. */
export interface JournalSink {
  readonly append: (body: EventBody) => JournalEvent;
  /** Waits until everything appended so far is flushed to disk (fsync). Rejects when the disk refuses. */
  readonly flush: () => Promise<void>;
  /** Clock reading → ms of the run's clock. */
  readonly toRunMs: (clockMs: number) => number;
  readonly close: () => Promise<void>;
}

/** Goes on with the journal of a dead run. `bootId` of this boot decides whether the run's clock can go on. */
export type ResumeJournal = (options: {
  readonly path: string;
  readonly clock: Clock;
  readonly bootId: string;
}) => ResumedJournal;

export interface ResumedJournal extends JournalSink {
  /** Length of the torn last line that was cut off, for `recover.started`. */
  readonly tornBytes: number;
}

/** A journal as read back. `cut` = no closing event, or a torn last line. */
export interface JournalReading {
  readonly events: readonly JournalEvent[];
  readonly tornBytes: number;
  readonly cut: boolean;
  /** First line whose hash or chain does not fit; null = sound. */
  readonly broken: { readonly line: number; readonly why: Bilingual } | null;
}
