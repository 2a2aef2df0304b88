/** The registry snapshot (seed §1.3, §2.2) and what the archive says of itself. */
import type { BackupSubstep, RestoreSubstep } from './drill.js';
import type { Json } from './fault.js';
import type { Outcome } from './outcome.js';
import type { Bilingual } from './text.js';

export type ArchiveType = 'full' | 'incremental';

/** What an increment stands on. */
export interface ArchiveLink {
  /** Without `.age`: the same archive may be stored encrypted and not. */
  readonly file: string;
  /** Of `snapshot.json` inside it. */
  readonly snapshot_sha256: string;
  readonly revision: number;
  readonly backup_time_utc: string;
}

export interface Snapshot {
  /** "2025-09-23 02:00:00", local to the zone named. */
  readonly backup_time: string;
  readonly backup_time_utc: string;
  readonly time_zone: string;
  /** Version of this format. */
  readonly version: '1.0';
  readonly registry: {
    readonly kind: string;
    readonly product: string;
    readonly version: string;
    readonly cluster_id: string | null;
    readonly revision: number;
    readonly node: string;
  };
  readonly services: readonly { readonly name: string; readonly instances: readonly SnapshotInstance[] }[];
  readonly settings: readonly { readonly name: string; readonly value: string }[];
  readonly access_rules: {
    /** `unknown` = nobody could list them; the native copy may hold them. */
    readonly state: 'listed' | 'not-applicable' | 'unknown';
    readonly reason: string;
    readonly rules: readonly Json[];
  };
}

/** An increment's `snapshot.json`: `services` and `settings` hold only what is new or changed. */
export interface Increment extends Snapshot {
  /** What the parent's state held and this one does not. */
  readonly removed: readonly RemovedInstance[];
  readonly removed_settings: readonly string[];
}

export interface RemovedInstance {
  readonly service: string;
  readonly id: string;
}

export interface SnapshotInstance {
  readonly id: string;
  readonly ip: string | null;
  readonly port: number | null;
  readonly status: string;
  readonly metadata: Readonly<Record<string, Json>>;
  /** Lives only as long as its owner renews it; a restore does not bring it back. */
  readonly leased: boolean;
  /** The exact text the registry held. */
  readonly raw: string;
}

export interface ArchiveInfo {
  readonly path: string;
  readonly fileName: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly backupTimeUtc: string;
  readonly type: ArchiveType;
  /** Null = a full one. */
  readonly parent: ArchiveLink | null;
  /** File of the full archive that its chain begins with, without `.age`; of a full one its own. */
  readonly base: string;
  readonly revision: number;
  readonly product: string;
  readonly clusterId: string | null;
  /** In the archive itself: an increment holds changes only. */
  readonly services: number;
  readonly instances: number;
  /** Instances without a lease: what a restore must bring back. */
  readonly durable: number;
  /** Entries and settings that an increment takes away. */
  readonly removed: number;
  /** Of the whole state after it: how many there are, and the hash of all of them (see `backup/content-hash.ts`). */
  readonly state: {
    readonly instances: number;
    readonly durable: number;
    readonly contentHash: string;
    readonly durableHash: string;
  };
}

export type ArchiveVerdict =
  | {
      readonly sound: true;
      readonly info: ArchiveInfo;
      /** The whole state: of an increment, that which its chain comes to. */
      readonly snapshot: Snapshot;
      /** All that it stands on and itself, the full one first. */
      readonly chain: readonly ArchiveInfo[];
    }
  | UnsoundArchive;

export interface UnsoundArchive {
  readonly sound: false;
  readonly path: string;
  readonly reason: Bilingual;
  /** It is the key that does not open it; the archive may be whole. */
  readonly key?: boolean;
  /** What its label says; absent = it has none. */
  readonly backupTimeUtc?: string;
}

/** Why the registry's own copy of this file name cannot be a whole one; null = sound. */
export type CheckNative = (name: string, bytes: Uint8Array) => Promise<string | null>;

/** As a list tells it: the same verdict, without the state. */
export type ListedArchive = { readonly sound: true; readonly info: ArchiveInfo } | UnsoundArchive;

/** One sub-step, done: for the journal. Times are monotonic ms of the clock. */
export interface SubstepReport<Name extends BackupSubstep | RestoreSubstep> {
  readonly name: Name;
  readonly startedMs: number;
  readonly endedMs: number;
  readonly outcome: Outcome;
  readonly detail: Bilingual;
  /** Process ids, file hashes, counts: what proves it. */
  readonly facts: Readonly<Record<string, Json>>;
}
