/** A fault is inject + revert + the written-down means to revert (architecture.md, Words). */
import type { Clock } from './clock.js';
import type { NodeSpec, Scalar } from './drill.js';
import type { Cluster } from './target.js';
import type { Bilingual } from './text.js';

export interface World {
  readonly cluster: Cluster;
  readonly clock: Clock;
  /** Folder of the run's own files in the state folder; survives the run until it is clean. */
  readonly stateDir: string;
  readonly signal?: AbortSignal;
}

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Everything undoing needs, as plain JSON: written and flushed before the change. Never secrets. */
export type UndoData = { readonly [key: string]: Json };

export function isRecord(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export interface UndoRecord {
  /** Unique in the run: `u1`, `u2`, … */
  readonly id: string;
  /** Name in the catalog of undoers: a fault's name, `restore`, `canary`, `lab`. */
  readonly undoer: string;
  readonly step: string;
  readonly nodes: readonly string[];
  readonly data: UndoData;
}

/** Undoer of the picture that the end of a run is compared with. */
export const SURROUNDINGS = 'surroundings';
/** The picture changes nothing. */
export const isChange = ({ undoer }: Pick<UndoRecord, 'undoer'>): boolean => undoer !== SURROUNDINGS;

export type RevertResult =
  | {
      readonly reverted: true /** Already as before: nothing had to be done. */;
      readonly nothingToDo: boolean;
      readonly detail: Bilingual;
    }
  | { readonly reverted: false; readonly detail: Bilingual };

/** Undoes one kind of change from its record alone, any number of times, in any process. */
export interface Undoer {
  readonly name: string;
  /** "Target is gone" or "already as before" counts as reverted. */
  readonly revert: (world: World, data: UndoData) => Promise<RevertResult>;
  /** Looks at the world and names what of this change is still there; empty = clean. */
  readonly residue: (world: World, data: UndoData) => Promise<readonly Bilingual[]>;
}

/** Proof from outside that a fault bit. `bitten: null` = could not be told. Times are the clock's monotonic ms. */
export interface Confirmation {
  readonly bitten: boolean | null;
  /** When the effect was observed. */
  readonly observedMs: number;
  readonly detail: Bilingual;
}

export interface FaultRequest {
  readonly nodes: readonly NodeSpec[];
  readonly params: Readonly<Record<string, Scalar>>;
  readonly step: string;
}

export interface FaultParam {
  readonly name: string;
  readonly type: 'string' | 'number' | 'boolean';
  readonly required: boolean;
  readonly description: Bilingual;
  /** Of a string: what it may be; `validate` refuses anything else. */
  readonly choices?: readonly string[];
  /** Of a number: the least and the most it may be. */
  readonly range?: readonly [min: number, max: number];
}

/** A fault as `plan` sees it: names of nodes. */
export interface PlannedHit {
  readonly nodes: readonly string[];
  readonly params: FaultRequest['params'];
  /** All nodes of the target, in its order. */
  readonly all: readonly string[];
  readonly voters: readonly string[];
}

export interface Fault extends Undoer {
  readonly title: Bilingual;
  readonly description: Bilingual;
  /** `node` faults need `on`; `data` faults act on the registry's content and take none. */
  readonly scope: 'node' | 'data';
  /** The node cannot vote while the fault is on: the quorum guard counts it. */
  readonly removesVoter: boolean;
  /** Settings with which a fault that removes voters surely leaves the node its vote. */
  readonly sparesVoter?: (params: FaultRequest['params']) => boolean;
  /** The voters without a majority around them while it is on, where these are not simply the chosen nodes. */
  readonly votersLost?: (hit: PlannedHit) => readonly string[];
  /** What it does to these nodes, for the plan; null = its settings do not fit them. */
  readonly planText?: (hit: PlannedHit) => Bilingual | null;
  /** While it is on the node cannot end by itself: when it does end, somebody else did it. */
  readonly keepsProcess?: true;
  /** The chosen nodes are hit one after the other: at any moment only one of them is without its vote. */
  readonly oneAtATime?: true;
  readonly params: readonly FaultParam[];
  /** A recovery action that also lifts this fault (`node.start` lifts `node.kill`). */
  readonly liftedBy: readonly string[];
  /** What a person would do by hand, shown in the plan. */
  readonly undoText: Bilingual;
  /**
   * Asked by `plan`, changes nothing: why this target cannot have this fault, in one sentence; null = it can. Absent =
   * every target can.
   */
  readonly missing?: (cluster: Cluster, request: Omit<FaultRequest, 'step'>) => Promise<Bilingual | null>;
  /** Reads what undoing needs; changes nothing. */
  readonly prepare: (world: World, request: FaultRequest) => Promise<UndoData>;
  readonly inject: (world: World, data: UndoData) => Promise<void>;
  /** Looks at the world, without anything that `inject` returned. One look; the runner polls. */
  readonly confirm: (world: World, data: UndoData) => Promise<Confirmation>;
}

/** Whether the quorum guard has to count the nodes of this fault, with these settings, as nodes that do not vote. */
export const takesVote = (fault: Fault, params: FaultRequest['params']): boolean =>
  fault.removesVoter && fault.sparesVoter?.(params) !== true;

/** The nodes that cannot vote while this fault is on. */
export const votersLostTo = (fault: Fault, hit: PlannedHit): readonly string[] =>
  takesVote(fault, hit.params)
    ? (fault.votersLost?.(hit) ?? (fault.oneAtATime ? hit.nodes.slice(0, 1) : hit.nodes))
    : [];
