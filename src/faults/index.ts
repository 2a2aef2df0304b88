import { type Catalog, catalogOf } from '../core/catalog.js';
import type { Fault } from '../core/fault.js';
import { untilLabIsGone } from '../core/lab-gone.js';
import { nodeFreeze } from './node-freeze.js';
import { nodeKill } from './node-kill.js';
import { registryWipe } from './registry-wipe.js';
import { serviceDelete } from './service-delete.js';

export const faults: Catalog<Fault> = catalogOf(
  [nodeKill, nodeFreeze, serviceDelete, registryWipe].map(untilLabIsGone),
);
