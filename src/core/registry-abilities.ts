/** What some registries can do beyond what clients ask of them. Each is optional: a fault that needs one asks in `plan`. */
import type { NodeSpec } from './drill.js';
import type { Answer, CallOptions, Entry } from './registry.js';

export interface LeaseAbility {
  /** The leases that instances under the prefix hang on, as this node's own copy has them. */
  readonly heldOn: (node: string, options: CallOptions) => Promise<Answer<readonly string[]>>;
  /** Ends the lease, and its entries with it; ok also when it is gone already. */
  readonly revoke: (node: string, leaseId: string, options: CallOptions) => Promise<Answer<null>>;
}

export interface SpaceUse {
  readonly usedBytes: number;
  readonly quotaBytes: number;
}

export interface SpaceAbility {
  readonly use: (node: string, options: CallOptions) => Promise<Answer<SpaceUse>>;
  /** Members that have raised the alarm that there is no space, as this node tells it. */
  readonly exhausted: (node: string, options: CallOptions) => Promise<Answer<readonly string[]>>;
  /**
   * Makes the anchor that fillers hang on (etcd: a lease of that id); ok also when it is there already. One that nobody
   * releases ends by itself, with its fillers, after `ttlMs`.
   */
  readonly anchor: (
    node: string,
    anchor: { readonly id: string; readonly ttlMs: number },
    options: CallOptions,
  ) => Promise<Answer<null>>;
  /** Writes `bytes` bytes under `folder`, outside of all services; refused once the anchor is released. */
  readonly fill: (
    node: string,
    filler: { readonly folder: string; readonly anchor: string; readonly name: string; readonly bytes: number },
    options: CallOptions,
  ) => Promise<Answer<null>>;
  /** Ends the anchor and its fillers: a write of a dead runner that arrives later finds nothing to hang on. */
  readonly release: (
    node: string,
    anchor: string,
    options: CallOptions,
  ) => Promise<Answer<{ readonly existed: boolean }>>;
  /** How many fillers this node's own copy holds. */
  readonly fillers: (node: string, folder: string, options: CallOptions) => Promise<Answer<number>>;
  /** Deletes the fillers and what the registry keeps of their history. */
  readonly forget: (node: string, folder: string, options: CallOptions) => Promise<Answer<null>>;
  /** Gives the freed space of this node back to its disk; it answers nothing meanwhile. */
  readonly shrink: (node: string, options: CallOptions) => Promise<Answer<null>>;
  /** Takes all alarms that there is no space back; ok when there is none. */
  readonly disarm: (node: string, options: CallOptions) => Promise<Answer<null>>;
}

export interface Replaced {
  readonly id: string;
  /** How the node is started the first time. */
  readonly joining: NodeSpec;
}

export interface MembershipAbility {
  /** The id the cluster knows this node's place by, asked of another node; null = it has none. */
  readonly idOf: (asked: string, node: NodeSpec, options: CallOptions) => Promise<Answer<string | null>>;
  /** Gives the place of a node that lost its data to an empty one: the old member goes, a new one comes. */
  readonly replace: (asked: string, node: NodeSpec, options: CallOptions) => Promise<Answer<Replaced>>;
  /** Whether its start command can be changed as `replace` has to. */
  readonly canJoin: (node: NodeSpec) => boolean;
  /**
   * How a node is started that goes on without the others, with the data it has: the last resort when they will not come
   * back. Null = its start command is not ours to change.
   */
  readonly alone: (node: NodeSpec) => NodeSpec | null;
}

/** One rule, in the registry's own words. */
export interface AccessRule {
  /** Role, user, or scheme and id. */
  readonly subject: string;
  /** The key, range or path it is about. */
  readonly resource: string;
  readonly rights: string;
}

export interface AccessAbility {
  /** A rule is part of the entry it is about and ends with it (ZooKeeper). Absent = rules stand by themselves. */
  readonly rulesEndWithEntries?: true;
  /** Every rule that decides on what lies under the prefix, as this node tells it; [] = the registry asks nobody who he is. */
  readonly rules: (node: string, options: CallOptions) => Promise<Answer<readonly AccessRule[]>>;
  /** Whether the clients that we are obey rules at all: etcd's root does not. Absent = they do. */
  readonly bindsUs?: (node: string, options: CallOptions) => Promise<Answer<boolean>>;
  /** Takes these rules from the clients, so that what the rules allowed is refused. */
  readonly takeAway: (node: string, rules: readonly AccessRule[], options: CallOptions) => Promise<Answer<null>>;
  /** Puts exactly these rules back; ok when they are there already. */
  readonly putBack: (node: string, rules: readonly AccessRule[], options: CallOptions) => Promise<Answer<null>>;
}

export type ChangeNews =
  | { readonly news: 'put'; readonly revision: number; readonly entry: Entry }
  | { readonly news: 'removed'; readonly revision: number; readonly service: string; readonly instance: string }
  /** What happened between the last news and now is not known: the history is gone, or the connection was. */
  | { readonly news: 'gap'; readonly reason: string };

export interface ChangesAbility {
  /** The changes under the prefix from that revision on (null = from now), as this node tells them, until the signal. */
  readonly follow: (node: string, from: number | null, signal: AbortSignal) => AsyncIterable<ChangeNews>;
}

/** What a key was at one moment and is at a later one; null = it was not there. */
export interface EntryDifference {
  readonly service: string;
  readonly instance: string;
  readonly before: EntryState | null;
  readonly after: EntryState | null;
}

export type EntryState = Pick<Entry, 'value' | 'leased'>;

export interface SettingDifference {
  readonly name: string;
  readonly before: string | null;
  readonly after: string | null;
}

export interface Differences {
  readonly entries: readonly EntryDifference[];
  readonly settings: readonly SettingDifference[];
}

export type History =
  | ({ readonly kept: true } & Differences)
  /** The registry does not know (any more) what happened in between. */
  | { readonly kept: false; readonly reason: string };

export interface HistoryAbility {
  /** All that differs between the two revisions, as this node tells it: nothing in between is missing. */
  readonly between: (
    node: string,
    revisions: { readonly from: number; readonly to: number },
    options: CallOptions,
  ) => Promise<Answer<History>>;
}
