import type { Catalog } from '../core/catalog.js';
import type { Fault } from '../core/fault.js';
import type { Probe } from '../core/probe.js';

/** The names that a drill may use. */
export interface DrillCatalogs {
  readonly faults: Catalog<Fault>;
  readonly probes: Catalog<Probe>;
  readonly labs: readonly string[];
  /** Folder that the paths in the file are relative to; none when only the schema is asked for. */
  readonly dir?: string;
}
