import type { DriverName, NodeSpec, RegistryName } from './drill.js';
import type { Bilingual } from './text.js';

/** A practice cluster. Its data lives in the state folder; `up` returns when it takes writes. */
export interface Lab {
  readonly name: string;
  readonly title: Bilingual;
  readonly registry: RegistryName;
  readonly product: string;
  /** The ways it can be run, the preferred one first. */
  readonly drivers: readonly DriverName[];
  /** The driver that `up` takes when none is named: docker where its image is in an engine that answers, else process. */
  readonly usualDriver: () => Promise<DriverName>;
  /** null = can be had here with this driver (default: the usual one); else what is missing and how to get it. */
  readonly missing: (driver?: DriverName) => Promise<Bilingual | null>;
  /** Harmless when it is up already. One that fails, or is interrupted through the signal, leaves nothing of its own. */
  readonly up: (stateRoot: string, signal?: AbortSignal, driver?: DriverName) => Promise<LabState>;
  /** Stops its processes or containers and removes its files; false = it was not up. */
  readonly down: (stateRoot: string) => Promise<boolean>;
  /** What runs now, looked up in the world; null = down. */
  readonly state: (stateRoot: string) => Promise<LabState | null>;
}

export interface LabState {
  readonly name: string;
  readonly product: string;
  readonly driver: DriverName;
  readonly nodes: readonly (NodeSpec & { readonly pid: number | null })[];
  /** The nodes of this site are a cluster of their own, which a process keeps like the other. */
  readonly standby?: { readonly site: string; readonly replication: NodeSpec };
}
