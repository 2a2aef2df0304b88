import { type Catalog, catalogOf } from '../core/catalog.js';
import type { Fault } from '../core/fault.js';
import { untilLabIsGone } from '../core/lab-gone.js';
import { accessLost } from './access-lost.js';
import { instancesDeregister } from './instances-deregister.js';
import { leasesExpire } from './leases-expire.js';
import { networkBandwidth } from './network-bandwidth.js';
import { networkLatency } from './network-latency.js';
import { networkLoss } from './network-loss.js';
import { networkPartition } from './network-partition.js';
import { networkReset } from './network-reset.js';
import { networkSlowClose } from './network-slow-close.js';
import { nodeCorrupt } from './node-corrupt.js';
import { nodeCpuLimit } from './node-cpu-limit.js';
import { nodeDiskFull } from './node-disk-full.js';
import { nodeFreeze } from './node-freeze.js';
import { nodeKill } from './node-kill.js';
import { nodeKillInPlace } from './node-kill-in-place.js';
import { nodeMemoryLimit } from './node-memory-limit.js';
import { nodeRestart } from './node-restart.js';
import { nodeRollingRestart } from './node-rolling-restart.js';
import { nodeStop } from './node-stop.js';
import { nodeWipe } from './node-wipe.js';
import { quotaExhausted } from './quota-exhausted.js';
import { registryFlood } from './registry-flood.js';
import { registryWipe } from './registry-wipe.js';
import { serviceDelete } from './service-delete.js';

export const faults: Catalog<Fault> = catalogOf(
  [
    ...[nodeKill, nodeKillInPlace, nodeStop, nodeRestart, nodeRollingRestart, nodeFreeze],
    ...[nodeCpuLimit, nodeMemoryLimit, nodeDiskFull],
    ...[networkPartition, networkLoss, networkLatency, networkBandwidth, networkReset, networkSlowClose],
    ...[serviceDelete, instancesDeregister, registryWipe, nodeWipe, nodeCorrupt, accessLost],
    ...[quotaExhausted, leasesExpire, registryFlood],
  ].map(untilLabIsGone),
);
