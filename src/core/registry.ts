import type { AccessFiles } from './access.js';
import type { NodeSpec, RegistryName } from './drill.js';
import type {
  AccessAbility,
  AccessRule,
  ChangesAbility,
  HistoryAbility,
  LeaseAbility,
  MembershipAbility,
  SpaceAbility,
} from './registry-abilities.js';
import type { TargetBinding } from './target.js';

/** A registry under drill, as its clients see it: one node at a time, every call bounded in time. */

/**
 * The answer to one request. `failed` = definitely not applied (the adapter lists these: refused before it was sent,
 * rejected by validation, no permission). Everything else that is not a success is `unknown`: a 503 or a time-out may
 * have been applied.
 */
export type Answer<T> =
  | { readonly outcome: 'ok'; readonly value: T }
  | {
      readonly outcome: 'failed' | 'unknown';
      readonly reason: string /** The lease is not known (any more). */;
      readonly leaseGone?: boolean;
    };

export interface CallOptions {
  readonly limitMs: number;
  readonly signal?: AbortSignal;
}

export interface MemberStatus {
  readonly node: string;
  readonly version: string;
  /** Name of the node this one takes for the leader; null = none known. */
  readonly leader: string | null;
  readonly term: number;
  readonly revision: number;
  readonly clusterId: string | null;
  /** Votes in elections; only voters count for the quorum. */
  readonly voter: boolean;
}

/** One registered instance. `value` is the raw text the registry holds. */
export interface Entry {
  readonly service: string;
  readonly instance: string;
  readonly value: string;
  readonly leased: boolean;
}

/** One client endpoint. Never throws for what the registry answered or failed to answer. */
export interface NodeClient {
  readonly node: string;
  readonly status: (options: CallOptions) => Promise<Answer<MemberStatus>>;
  readonly register: (
    entry: { readonly service: string; readonly instance: string; readonly value: string; readonly leaseId?: string },
    options: CallOptions,
  ) => Promise<Answer<null>>;
  readonly deregister: (
    entry: { readonly service: string; readonly instance: string },
    options: CallOptions,
  ) => Promise<Answer<null>>;
  /**
   * Makes a durable instance of what is exactly `was` (null: not there), or takes it away (`value` null), in one step;
   * `changed` = it is something else, and nothing was done. May be repeated: what is so already is `done`.
   */
  readonly exchange: (
    change: {
      readonly service: string;
      readonly instance: string;
      readonly was: string | null;
      readonly value: string | null;
    },
    options: CallOptions,
  ) => Promise<Answer<'done' | 'changed'>>;
  readonly grantLease: (ttlMs: number, options: CallOptions) => Promise<Answer<{ readonly leaseId: string }>>;
  /** `failed` with `leaseGone` = the lease is unknown: register again. */
  readonly renew: (leaseId: string, options: CallOptions) => Promise<Answer<null>>;
  /** What a client gets: a consistent read of one service. */
  readonly discover: (service: string, options: CallOptions) => Promise<Answer<readonly Entry[]>>;
  /** Everything that this node itself holds, without asking the leader. */
  readonly listOwn: (options: CallOptions) => Promise<Answer<readonly Entry[]>>;
  readonly listSettings: (
    options: CallOptions,
  ) => Promise<Answer<readonly { readonly name: string; readonly value: string }[]>>;
  readonly putSetting: (
    setting: { readonly name: string; readonly value: string },
    options: CallOptions,
  ) => Promise<Answer<null>>;
  /** ok also when it is not there. */
  readonly removeSetting: (name: string, options: CallOptions) => Promise<Answer<null>>;
}

/** The registry's own way of taking and placing a full copy (antietcd: its dump; etcd, ZooKeeper: snapshot). */
export interface NativeBackup {
  /** File name inside the archive. */
  readonly fileName: string;
  readonly exportFrom: (node: string, options: CallOptions) => Promise<Answer<Uint8Array>>;
  /** Says why these bytes cannot be a whole copy; null = sound. */
  readonly check: (bytes: Uint8Array) => string | null;
  /** What is in a sound copy, where the adapter can read it: then listing and copy are of one state, whatever is written. */
  readonly contentOf?: (bytes: Uint8Array) => NativeContent;
  /** Puts the copy in place of the (stopped, emptied) node's data; returns the files written. */
  readonly place: (bytes: Uint8Array, node: NodeSpec) => Promise<readonly string[]>;
}

export interface NativeContent {
  /** The newest revision in it; absent = the copy does not tell. */
  readonly revision?: number;
  readonly entries: readonly Entry[];
  readonly settings: readonly { readonly name: string; readonly value: string }[];
  /** [] = the registry asks nobody who he is; absent = they are not read out of the copy. */
  readonly accessRules?: readonly AccessRule[];
  /** The revision of an entry's last change; null = there is no such entry. Absent = the copy does not tell. */
  readonly changedAt?: (service: string, instance: string) => number | null;
}

export interface Registry {
  readonly kind: RegistryName;
  readonly product: string;
  readonly nodes: readonly string[];
  readonly client: (node: string) => NodeClient;
  readonly backup: NativeBackup;
  readonly leases?: LeaseAbility;
  readonly space?: SpaceAbility;
  readonly membership?: MembershipAbility;
  readonly access?: AccessAbility;
  readonly changes?: ChangesAbility;
  /** Absent = it keeps no history that could be asked. */
  readonly history?: HistoryAbility;
  /** Its nodes were started on other data: what they knew of earlier logins is gone. Absent = every connection logs in. */
  readonly forgetLogins?: () => void;
  /** Frees connections. */
  readonly close: () => void;
}

/** Makes a Registry from a binding's nodes; one line per registry in `registries/index.ts`. */
export interface RegistryDriver {
  readonly name: RegistryName;
  readonly title: string;
  /** Of each product the oldest version that is understood, as `3.4`; absent = every version is. */
  readonly oldest: Readonly<Record<string, string>>;
  /** By file name in an archive: why these bytes cannot be a whole copy; null = sound. Asks no registry. */
  readonly nativeCopies: Readonly<Record<string, NativeBackup['check']>>;
  readonly connect: (binding: Pick<TargetBinding, 'nodes' | 'prefix' | 'product' | 'layout' | 'access'>) => Registry;
  /** Tells product and version by asking; throws WorldError when nobody answers. */
  readonly identify: (
    nodes: readonly { readonly name: string; readonly url: string; readonly adminUrl?: string }[],
    options: CallOptions & { readonly access?: AccessFiles },
  ) => Promise<{ readonly product: string; readonly version: string; readonly clusterId: string | null }>;
}
