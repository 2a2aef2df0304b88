import type { Drill, NodeSpec } from '../core/drill.js';
import { invariant } from '../core/errors.js';
import type { UndoRecord, World } from '../core/fault.js';
import type { JournalSink } from '../core/journal.js';
import type { Outcome } from '../core/outcome.js';
import type { LoadedDrill, Plan } from '../core/plan.js';
import type { DegradationNumber } from '../core/plan-decision.js';
import type { RecoveryPlan } from '../core/recovery-plan.js';
import type { BackupService, Services, Traffic } from '../core/services.js';
import type { Cluster } from '../core/target.js';
import type { Bilingual } from '../core/text.js';
import type { ForTimers } from './for-timers.js';
import type { NodeWatch } from './node-watch.js';
import type { OneAtATime } from './one-at-a-time.js';
import type { StepProblems } from './problems/step-problems.js';
import type { RunJournal } from './run-journal.js';
import type { StopControl } from './stop.js';
import type { UndoLog } from './undo.js';
import type { UndoStack } from './undo-stack.js';

export interface ExecuteOptions {
  readonly runId: string;
  readonly loaded: LoadedDrill;
  readonly plan: Plan;
  readonly recoveryPlan: RecoveryPlan;
  /** Null in a drill without a target. */
  readonly cluster: Cluster | null;
  readonly services: Services;
  readonly journal: JournalSink;
  readonly undoLog: UndoLog;
  readonly stateDir: string;
  /** Folder of the drill file: documents and archives are looked up from here. */
  readonly drillDir: string;
  /** Folder for the archives of this run. */
  readonly archiveDir: string;
  /** Aborted by cli with a StopReason as `signal.reason`. */
  readonly stop: AbortSignal;
}

/** What the steps learn from one another. */
interface Progress {
  readonly outcomes: Map<string, Outcome>;
  readonly chosen: Map<string, readonly NodeSpec[]>;
  /** The service a data fault was aimed at, by undo id. */
  readonly aimedAt: Map<string, string>;
  /** The world was changed on purpose: what ends the drill from here on has stopped it, not refused it. */
  touched: boolean;
  /** The steady state was seen: from here on something may be broken. */
  steadySeen: boolean;
  /** A fault without confirmed effect: the rest is left out, and the run is not valid. */
  gaveUp: Bilingual | null;
  traffic: Traffic | null;
  /** The clients have gone to the standby site. */
  switched: boolean;
  /** The outcome of each decide step. */
  readonly decisions: Map<string, string>;
  /** The degradation level that is on. */
  degraded: Degraded | null;
  /** SHA-256 of the archives that this run made: a copy of one is known by it, wherever it lies. */
  readonly written: Set<string>;
  /** What has opened an archive with keys of its own. */
  readonly openers: BackupService[];
}

export interface Degraded {
  readonly step: string;
  readonly level: DegradationNumber;
  /** Null = the level has no commands: nothing but the drill's own clients changed. */
  readonly record: UndoRecord | null;
}

export interface Run extends Omit<ExecuteOptions, 'journal' | 'stop' | 'loaded' | 'undoLog'> {
  readonly drill: Drill;
  readonly sink: JournalSink;
  readonly journal: RunJournal;
  readonly stop: StopControl;
  readonly undo: UndoStack;
  readonly nodes: NodeWatch;
  readonly timers: ForTimers;
  readonly problems: StepProblems;
  readonly armOneAtATime: OneAtATime;
  readonly askOneAtATime: OneAtATime;
  readonly progress: Progress;
}

/** No more steps: the drill was stopped, or a fault did not bite. */
export const isOver = (run: Run): boolean => run.stop.signal.aborted || run.progress.gaveUp !== null;

export function clusterOf(run: Run): Cluster {
  invariant(run.cluster !== null, 'a step that needs a target ran in a drill without one');
  return run.cluster;
}

/** Where the clients are: what is asked about the registry is asked there. */
export function activeCluster(run: Run): Cluster {
  const own = clusterOf(run);
  return run.progress.switched && own.standby !== undefined ? own.standby : own;
}

export const worldOf = (run: Run, signal?: AbortSignal): World => ({
  cluster: clusterOf(run),
  clock: run.services.clock,
  stateDir: run.stateDir,
  ...(signal && { signal }),
});

/** Node faults that are on now: the node's death is ours. */
export const faultsOn = (run: Run): readonly UndoRecord[] =>
  run.undo.outstanding().filter((record) => run.services.faults.find(record.undoer) !== undefined);
