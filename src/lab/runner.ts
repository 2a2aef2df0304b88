import type { Clock } from '../core/clock.js';
import type { DriverName, NodeSpec } from '../core/drill.js';
import type { Bilingual } from '../core/text.js';

/** How the nodes of a lab are run: as processes of this machine, or in containers. */
export interface LabRunner {
  readonly driver: DriverName;
  /** null = can be had here; else what is missing and how to get it. Fetches nothing. */
  readonly missing: () => Promise<Bilingual | null>;
  /** Whether what it has started can be found and ended here. */
  readonly reachable: () => Promise<boolean>;
  /** Fetches what can be fetched, and refuses, before anything is started, what cannot work. */
  readonly prepare: (dir: string) => Promise<void>;
  readonly nodes: (dir: string) => Promise<readonly NodeSpec[]>;
  /** Refuses before anything is started, naming the ports that somebody else has. */
  readonly requireFreePorts: (idle: readonly NodeSpec[], dir: string) => Promise<void>;
  /** null = it does not run. */
  readonly pidOf: (node: NodeSpec) => Promise<number | null>;
  /** Waits for all of them, also when one fails: none may appear after the clean-up. */
  readonly startAll: (
    idle: readonly NodeSpec[],
    place: { readonly dir: string; readonly clock: Clock },
  ) => Promise<void>;
  /** What starts only once the nodes take writes; harmless when it runs. */
  readonly afterReady?: (place: { readonly dir: string; readonly clock: Clock }) => Promise<void>;
  readonly lastWords: (node: NodeSpec) => Promise<string>;
  /** What of the lab in this folder is still there, told by looking, without its record; empty = nothing. */
  readonly remains: (dir: string) => Promise<readonly Bilingual[]>;
  /** Ends and removes all of it but the folder; false = there was nothing. */
  readonly clear: (dir: string, clock: Clock) => Promise<boolean>;
}

/** Starts them side by side; throws the first failure once all have ended. */
export async function startEach(
  nodes: readonly NodeSpec[],
  start: (node: NodeSpec) => Promise<unknown>,
): Promise<void> {
  const starts = await Promise.allSettled(nodes.map(start));
  for (const done of starts) if (done.status === 'rejected') throw done.reason;
}
