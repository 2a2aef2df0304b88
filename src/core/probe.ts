import type { ArchiveVerdict } from './backup.js';
import type { Clock } from './clock.js';
import type { Scalar, Tolerance } from './drill.js';
import type { FaultParam } from './fault.js';
import type { Cluster } from './target.js';
import type { Bilingual } from './text.js';

/** One look at one thing. `value: null` = could not be told, with the reason in `detail`. */
export interface Sample {
  readonly value: Scalar | null;
  readonly detail: Bilingual;
  /** Facts for the report: counts per node, hashes, names of what is missing. Kept small. */
  readonly facts?: Readonly<Record<string, Scalar>>;
}

/** What a probe may look at. `archive` and `discovery` are null where the run has none. */
export interface ProbeWorld {
  /** Null in a drill without a target. */
  readonly cluster: Cluster | null;
  readonly clock: Clock;
  readonly limitMs: number;
  readonly signal?: AbortSignal;
  /** Paths of the archives at hand, newest first by name. */
  readonly archives: readonly string[];
  /** Opens and checks one archive; never throws. */
  readonly readArchive: (path: string) => Promise<ArchiveVerdict>;
  /** What must be there now by the ledger's account, for integrity and discovery checks; null without traffic. */
  readonly expected: () => ExpectedEntries | null;
  /** A name under which a functional probe may register: unique to the run, removed by the canary's undo. */
  readonly scratchService: string;
}

/** Key = `service/instance`, value = raw text; `tolerated` keys may be there or not. */
export interface ExpectedEntries {
  readonly must: ReadonlyMap<string, string>;
  readonly tolerated: ReadonlySet<string>;
  /** Keys of `must` that live by a lease: discovery needs them, counts and hashes leave them out. */
  readonly leased?: ReadonlySet<string>;
}

/** The parameter by which a check looks at the archives of another folder, relative to the drill. */
export const ARCHIVES_IN = 'in';

export interface Probe {
  readonly name: string;
  readonly title: Bilingual;
  readonly description: Bilingual;
  readonly params: readonly FaultParam[];
  readonly needs: 'cluster' | 'nothing';
  /** What must hold when the drill says nothing else. */
  readonly defaultTolerance: Tolerance;
  readonly sample: (world: ProbeWorld, params: Readonly<Record<string, Scalar>>) => Promise<Sample>;
}

/** true, false, or null when the sample could not be told. Percent and ms are compared as numbers. */
export function holds(tolerance: Tolerance, value: Scalar | null): boolean | null {
  if (value === null) return null;
  if (tolerance.op === 'is') return value === tolerance.value;
  if (typeof value !== 'number') return null;
  return tolerance.op === 'atLeast' ? value >= tolerance.value : value <= tolerance.value;
}
