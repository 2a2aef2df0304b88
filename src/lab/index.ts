import { type Catalog, catalogOf } from '../core/catalog.js';
import { type Clock, systemClock } from '../core/clock.js';
import type { Undoer } from '../core/fault.js';
import type { Lab } from '../core/lab.js';
import { antietcd3 } from './antietcd.js';
import { etcd3 } from './etcd.js';
import { etcd2Sites } from './etcd-2-sites.js';
import { etcd3Netns } from './etcd-netns.js';
import { etcd3SmallDisks } from './etcd-small-disks.js';
import { etcd3Toxiproxy } from './etcd-toxiproxy.js';
import type { ConnectLab, LabKind } from './kind.js';
import { makeLab, runnable } from './lab.js';
import { makeLabUndoer } from './undoer.js';
import { zookeeper3, zookeeper3DefaultTimers } from './zookeeper.js';
import { zookeeper3Toxiproxy } from './zookeeper-toxiproxy.js';

export type { ConnectLab } from './kind.js';

export interface LabOptions {
  /** First port of all labs, instead of their usual ones. */
  readonly basePort?: number;
  /** Where servers are looked for: its PATH. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly clock?: Clock;
  /** By which the labs of ZooKeeper are asked while they come up. */
  readonly connect?: ConnectLab;
}

export const createLabs = (options: LabOptions): Catalog<Lab> =>
  catalogOf(kinds(options).map((kind) => makeLab(runnable(kind), options.clock ?? systemClock)));

export const labs = createLabs({});

export const labUndoer = (stateRoot: string): Undoer => makeLabUndoer(kinds({}).map(runnable), stateRoot, systemClock);

function kinds({ env = process.env, ...options }: LabOptions): readonly LabKind[] {
  const { basePort } = options;
  return [
    antietcd3(basePort),
    etcd3(env, basePort),
    etcd3SmallDisks(env, basePort),
    etcd3Toxiproxy(env, basePort),
    etcd3Netns(env, basePort),
    etcd2Sites(env, basePort),
    zookeeper3({ ...options, env }),
    zookeeper3DefaultTimers({ ...options, env }),
    zookeeper3Toxiproxy({ ...options, env }),
  ];
}
