import { type Catalog, catalogOf } from '../core/catalog.js';
import { type Clock, systemClock } from '../core/clock.js';
import type { Undoer } from '../core/fault.js';
import type { Lab } from '../core/lab.js';
import { antietcd3 } from './antietcd.js';
import { etcd3 } from './etcd.js';
import type { LabKind } from './kind.js';
import { makeLab } from './lab.js';
import { makeLabUndoer } from './undoer.js';

export interface LabOptions {
  /** First port of all labs, instead of their usual ones. */
  readonly basePort?: number;
  /** Where servers are looked for: its PATH. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly clock?: Clock;
}

export const createLabs = (options: LabOptions): Catalog<Lab> =>
  catalogOf(kinds(options).map((kind) => makeLab(kind, options.clock ?? systemClock)));

export const labs = createLabs({});

export const labUndoer = (stateRoot: string): Undoer => makeLabUndoer(kinds({}), stateRoot, systemClock);

function kinds({ basePort, env = process.env }: LabOptions): readonly LabKind[] {
  return [antietcd3(basePort), etcd3(env, basePort)];
}
