import { type Catalog, catalogOf } from '../core/catalog.js';
import type { Probe } from '../core/probe.js';
import { backupFresh } from './backup-fresh.js';
import { discoveryComplete } from './discovery-complete.js';
import { integrityCount } from './integrity-count.js';
import { integrityFunctional } from './integrity-functional.js';
import { integrityHash } from './integrity-hash.js';
import { integrityUntouched } from './integrity-untouched.js';
import { registryHealthy } from './registry-healthy.js';
import { registryLeader } from './registry-leader.js';
import { registryWritable } from './registry-writable.js';
import { replicationEqual } from './replication-equal.js';
import { replicationLag } from './replication-lag.js';

export const probes: Catalog<Probe> = catalogOf([
  registryWritable,
  registryLeader,
  registryHealthy,
  discoveryComplete,
  integrityCount,
  integrityHash,
  integrityFunctional,
  integrityUntouched,
  backupFresh,
  replicationLag,
  replicationEqual,
]);
