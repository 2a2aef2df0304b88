/** A target: the nodes of one registry cluster, bound to real processes or containers. */

import type { NodeAbilities, NodeStart } from './abilities.js';
import type { AccessFiles } from './access.js';
import type { DriverName, LayoutName, NodeSpec, RegistryName } from './drill.js';
import type { Registry } from './registry.js';

/** Plain JSON; frozen in plan, lock and undo records, so that another process can operate the same nodes. */
export interface TargetBinding {
  readonly registry: RegistryName;
  /** `antietcd`, `etcd` or `zookeeper`: shown everywhere, never mixed up. */
  readonly product: string;
  readonly version: string;
  readonly lab: string | null;
  readonly driver: DriverName;
  readonly prefix: string;
  readonly layout?: LayoutName;
  readonly access?: AccessFiles;
  /** Cluster identity where the registry has one; two runs exclude each other by it. */
  readonly clusterId: string | null;
  readonly nodes: readonly NodeSpec[];
  /** The cluster of the same kind at another site that takes over when this one is lost. */
  readonly standby?: TargetBinding;
  /** Of a standby: the process that copies the primary's entries to it. */
  readonly replication?: NodeSpec;
}

/** What the process table, or the container engine, says of a node. */
export type NodeState =
  | {
      readonly state: 'running' | 'frozen';
      /** In the host's numbering, also for a container; 0 = a command that tells the state does not tell it. */
      readonly pid: number;
      /**
       * Tells one start from another: clock ticks after boot; for a container the engine's own start time in ms; of a
       * command a number for what it says, 0 = it does not say.
       */
      readonly startTicks: number;
    }
  | { readonly state: 'gone' };

/** Operates one kind of node. Every call looks at the world anew; nothing is remembered between calls. */
export interface NodeDriver extends NodeAbilities {
  readonly name: DriverName;
  /**
   * Makes of the nodes as written in a file those that every later call, of any process, finds again; refuses those that
   * are not there. Absent = they stay as they are.
   */
  readonly bind?: (nodes: readonly NodeSpec[]) => Promise<readonly NodeSpec[]>;
  /**
   * `known` = the process it was before: a killed process loses its arguments a moment before it ends, and is not gone
   * until then.
   */
  readonly inspect: (node: NodeSpec, known?: NodeStart) => Promise<NodeState>;
  /** Sends the signal to the process found by `inspect`; a node that is gone is left alone (returns false). */
  readonly signal: (node: NodeSpec, signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT') => Promise<boolean>;
  /** Starts the node unless it runs; returns once the process exists. Its readiness is the registry's matter. */
  readonly start: (node: NodeSpec) => Promise<NodeState>;
}

export interface Cluster {
  readonly binding: TargetBinding;
  readonly driver: NodeDriver;
  readonly registry: Registry;
  /** As the binding's `standby`. */
  readonly standby?: Cluster;
}
