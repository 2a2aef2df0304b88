/** The ports through which `run` reaches what it may not import; `cli` wires them. */

import type { Cipher, KeyFiles } from './archive-cipher.js';
import type { ArchiveInfo, ArchiveVerdict, ListedArchive, Snapshot, SubstepReport } from './backup.js';
import type { Catalog } from './catalog.js';
import type { Clock } from './clock.js';
import type { DecisionAsked, DecisionWord, PastRecovery } from './decision.js';
import type { BackupSubstep, DocumentSpec, RestoreSubstep, SituationSpec, TrafficSpec } from './drill.js';
import type { Fault, UndoData, Undoer, World } from './fault.js';
import type { EventBody, JournalEvent } from './journal.js';
import type { DegradationClients, DegradationNumber } from './plan-decision.js';
import type { ExpectedEntries, Probe } from './probe.js';
import type { Entry } from './registry.js';
import type { Cluster } from './target.js';
import type { Bilingual, Text } from './text.js';

/** Canary clients of one run. Everything they do is journaled through `append`. */
export interface Traffic {
  /** Registers the leased instances, then starts the open loops; resolves when every instance is registered. */
  readonly start: () => Promise<void>;
  /** In-flight writes end or time out before this resolves. Renewals go on. */
  readonly pauseWriters: (why: Bilingual) => Promise<void>;
  readonly resumeWriters: (why: Bilingual) => void;
  /** Ends the writers for good (before verify). */
  readonly stopWriters: () => Promise<void>;
  /** After a restore: what must be there is what the archive holds, plus what was acknowledged since. Null service = all. */
  readonly rebase: (
    snapshot: Snapshot,
    options: { readonly step: string; readonly file: string; readonly service: string | null },
  ) => void;
  /** Before what may lose writes: the newest are not overwritten or removed any more, so that a loss stays to be seen. */
  readonly leaveAlone: () => void;
  /** After the last resort: what was acknowledged before `beforeMs` is expected as the node that goes on alone has it. */
  readonly acceptLoss: (
    held: readonly Entry[],
    scope: { readonly step: string; readonly node: string; readonly beforeMs: number },
  ) => void;
  /** From now on all clients go to this cluster, and its nodes are read for the ledger; what is in flight ends where it is. */
  readonly switchTo: (cluster: Cluster) => void;
  /** The owners of everything that is ours register it again, at the newest value they know. */
  readonly registerAgain: (limits: { readonly withinMs: number; readonly signal: AbortSignal }) => Promise<OwnersBack>;
  /**
   * From now on the clients work as the level says; null = as usual. The drill's own questions to the registry go on, so
   * that its recovery can be measured: what the clients get is journaled apart (`degraded.attempt`).
   */
  readonly degrade: (
    to: { readonly level: DegradationNumber; readonly clients: DegradationClients } | null,
  ) => Promise<void>;
  readonly expected: () => ExpectedEntries;
  /** Attempts so far per operation, with successes: for the baseline gate. */
  readonly counts: () => Readonly<
    Record<
      'register' | 'renew' | 'discover',
      { readonly attempts: number; readonly ok: number; readonly firstIssuedMs: number | null }
    >
  >;
  /** Reads every node once and journals `ledger.read`. */
  readonly readLedger: () => Promise<void>;
  /** Ends everything. */
  readonly stop: () => Promise<void>;
}

/** How many instances the owners had to register again, and for how many that was acknowledged. */
export interface OwnersBack {
  readonly leased: { readonly owned: number; readonly back: number };
  readonly durable: { readonly owned: number; readonly back: number };
}

export interface TrafficOptions {
  readonly cluster: Cluster;
  readonly spec: TrafficSpec;
  /** Services of others that the drill damages: readers look at them too, or their outage would go unseen. */
  readonly watched?: readonly string[];
  readonly runId: string;
  readonly clock: Clock;
  readonly append: (body: EventBody) => JournalEvent;
  readonly toRunMs: (clockMs: number) => number;
}

export interface BackupOptions {
  readonly cluster: Cluster;
  readonly dir: string;
  readonly timeZone: string;
  readonly clock: Clock;
  readonly onSubstep: (report: SubstepReport<BackupSubstep>) => void;
  /** Ends the backup with a WorldError `interrupted`; no part of an archive is left. */
  readonly signal?: AbortSignal;
  /** Encrypts the archive where it can, and opens the parent of an increment where that must be read. */
  readonly cipher?: Cipher;
  /** What the newest earlier backup held, where that lies elsewhere than in the folder; null = there is none. */
  readonly earlier?: () => Promise<HeldBefore | null>;
  /** Somebody has said so: without an instance it is backed up even where the newest backup has some. */
  readonly emptyIsRight?: boolean;
}

export interface HeldBefore {
  readonly file: string;
  /** Null = there are backups, and none tells what it holds. */
  readonly state: { readonly instances: number; readonly contentHash: string } | null;
}

export interface WrittenBackup extends ArchiveInfo {
  /** What was acknowledged before is in it. */
  readonly pointMs: number;
  /** An increment was asked for and this is a full one: why. Null = it is what was asked for. */
  readonly instead: Bilingual | null;
}

export interface BackupService {
  readonly full: (options: BackupOptions) => Promise<WrittenBackup>;
  /** On the newest archive of the folder; where that cannot be, a full one, and why. */
  readonly incremental: (options: BackupOptions) => Promise<WrittenBackup>;
  readonly verify: (path: string) => Promise<ArchiveVerdict>;
  /** Archives of the folder, newest first by their own backup time; damaged ones included. */
  readonly list: (dir: string) => Promise<readonly ListedArchive[]>;
  readonly restore: BackupRestore;
  /** Undoes a restore that died half-way: the old data goes back, the nodes run. */
  readonly undoer: Undoer;
}

/** One service, or some, into the running registry; null = everything, on stopped nodes. */
export type RestoreScope = string | readonly string[] | null;

/** What a restore may go into because somebody has said so. */
export type RestoreInto = 'non-empty' | 'other-cluster';

export interface BackupRestore {
  /** Throws WorldError `other-cluster` or `not-empty`, with what is there, unless that was allowed; changes nothing. */
  readonly admit: (options: {
    readonly cluster: Cluster;
    readonly info: ArchiveInfo;
    readonly service: string | null;
    readonly into: readonly RestoreInto[];
  }) => Promise<void>;
  /** What undoing a restore needs; changes nothing. */
  readonly prepare: (
    world: World,
    options: {
      readonly archive: ArchiveVerdict & { readonly sound: true };
      readonly service: RestoreScope;
    },
  ) => Promise<UndoData>;
  /** The six steps on stopped nodes (service null), or one service put back into the live cluster. */
  readonly execute: (
    world: World,
    options: {
      readonly archive: ArchiveVerdict & { readonly sound: true };
      readonly service: RestoreScope;
      readonly undo: UndoData;
      readonly onSubstep: (report: SubstepReport<RestoreSubstep>) => void;
    },
  ) => Promise<void>;
  /** The new data stays: the old data that was moved aside is removed, and the undo has nothing left to do. */
  readonly commit: (world: World, undo: UndoData) => Promise<void>;
}

/** Asks people: on the terminal, or from an answers file. Every answer has a name. */
export interface People {
  readonly scripted: boolean;
  /** Who is at the terminal; null when nobody is, or when a file answers. */
  readonly answersAs: string | null;
  readonly manual: (
    question: {
      readonly step: string;
      readonly text: Text;
      readonly evidence: Text | null;
      readonly by: string | null;
      readonly withinMs: number | null;
    },
    signal: AbortSignal,
  ) => Promise<ManualAnswer>;
  readonly document: (
    question: {
      readonly step: string;
      readonly index: number;
      readonly document: DocumentSpec;
      readonly exists: boolean | null;
      readonly by: string | null;
    },
    signal: AbortSignal,
  ) => Promise<{
    readonly answer: 'yes' | 'no' | 'unknown';
    readonly note: string | null;
    readonly answeredBy: string;
  }>;
  readonly situation: (
    question: { readonly step: string; readonly situation: SituationSpec; readonly by: string | null },
    signal: AbortSignal,
  ) => Promise<SituationAnswer>;
  /** Shows what the tree came to, and takes another outcome with a name and a reason. */
  readonly decision: (question: DecisionAsked, signal: AbortSignal) => Promise<DecisionWord>;
}

/** `answered: false` = nobody to ask (no terminal, no entry in the answers file): the outcome is unknown, not done. */
export type ManualAnswer =
  | { readonly answered: true; readonly done: boolean; readonly note: string | null; readonly answeredBy: string }
  | { readonly answered: false; readonly why: Bilingual };

export type SituationAnswer =
  | {
      readonly played: true;
      readonly answer: string;
      readonly answeredBy: string;
      readonly rating: 1 | 3 | 5 | null;
      readonly ratedBy: string | null;
      readonly estimateMs: number | null;
    }
  | { readonly played: false; readonly why: string; readonly answeredBy: string | null };

/** What is around a target and not in its data: states of nodes, networks, packet rules, queueing disciplines, proxies. */
export interface Surroundings {
  /** By which `recover` looks at it again. */
  readonly undoer: string;
  /** The picture to compare with. */
  readonly look: (world: World) => Promise<UndoData>;
  /** What came, or is missing, since; it is given a moment to settle. */
  readonly changes: (world: World, before: UndoData) => Promise<readonly SurroundingsChange[]>;
}

export interface SurroundingsChange {
  readonly node: string | null;
  /** The node ran and does not any more: it may have died of its own. */
  readonly gone: boolean;
  readonly what: Bilingual;
}

/** Tiers of the recovery plan, by their names. Each throws WorldError `no-such-tier` for a name that the plan has not. */
export interface DrillTiers {
  /** A folder with its archives; of a tier that is no folder its newest chain, fetched into `intoDir`. */
  readonly folder: (
    tier: string,
    options: { readonly intoDir: string; readonly signal: AbortSignal },
  ) => Promise<string>;
  /** Files of the keys that what it takes is encrypted with; null = plain text, and the plan says why. */
  readonly keys: (tier: string) => KeyFiles | null;
  /** Files of the keys that the plan names to open what lies there; null = it names none. */
  readonly openingKeys: (tier: string) => KeyFiles | null;
  /** Copies an archive of a folder, and all it stands on; each is checked at the far end. */
  readonly put: (
    tier: string,
    archive: { readonly dir: string; readonly fileName: string; readonly signal: AbortSignal },
  ) => Promise<PutInTier>;
}

export interface PutInTier {
  /** All that lies there of its chain, and how much of it had to be copied now. */
  readonly archives: number;
  readonly bytes: number;
  readonly copiedBytes: number;
  readonly tookMs: number;
}

export interface Services {
  readonly clock: Clock;
  readonly faults: Catalog<Fault>;
  readonly probes: Catalog<Probe>;
  /** Undoers by name: faults, `restore`, `canary`, `lab`. */
  readonly undoers: Catalog<Undoer>;
  /** Opens what the keys open that the command was given. */
  readonly backup: BackupService;
  /** The same with keys that the drill names; paths are absolute. */
  readonly keyed: (keys: KeyFiles) => { readonly backup: BackupService; readonly cipher: Cipher };
  readonly tiers: DrillTiers;
  readonly startTraffic: (options: TrafficOptions) => Traffic;
  readonly people: People;
  /** Absent = only what the undo records tell of is looked for. */
  readonly surroundings?: Surroundings;
  /** Measured in earlier runs on this product, newest first; absent = only this run's own are known. */
  readonly pastRecoveries?: () => readonly PastRecovery[];
}
