/** A target: the nodes of one registry cluster, bound to real processes. */

import type { NodeSpec } from './drill.js';
import type { Registry } from './registry.js';

/** Plain JSON; frozen in plan, lock and undo records, so that another process can operate the same nodes. */
export interface TargetBinding {
  readonly registry: 'etcd';
  /** `antietcd` or `etcd`: shown everywhere, never mixed up. */
  readonly product: string;
  readonly version: string;
  readonly lab: string | null;
  readonly driver: 'process';
  readonly prefix: string;
  /** Cluster identity where the registry has one; two runs exclude each other by it. */
  readonly clusterId: string | null;
  readonly nodes: readonly NodeSpec[];
}

/** What the process table says of a node. */
export type NodeState =
  | {
      readonly state: 'running' | 'frozen';
      readonly pid: number /** Start time in clock ticks after boot: tells a reused pid. */;
      readonly startTicks: number;
    }
  | { readonly state: 'gone' };

/** One process, told from a later one with the same number. */
export interface KnownProcess {
  readonly pid: number;
  readonly startTicks: number;
}

/** Operates one kind of node. Every call looks at the world anew; nothing is remembered between calls. */
export interface NodeDriver {
  readonly name: 'process';
  /**
   * `known` = the process it was before: a killed process loses its arguments a moment before it ends, and is not gone
   * until then.
   */
  readonly inspect: (node: NodeSpec, known?: KnownProcess) => Promise<NodeState>;
  /** Sends the signal to the process found by `inspect`; a node that is gone is left alone (returns false). */
  readonly signal: (node: NodeSpec, signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT') => Promise<boolean>;
  /** Starts the node unless it runs; returns once the process exists. Its readiness is the registry's matter. */
  readonly start: (node: NodeSpec) => Promise<NodeState>;
}

export interface Cluster {
  readonly binding: TargetBinding;
  readonly driver: NodeDriver;
  readonly registry: Registry;
}
