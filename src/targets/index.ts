import { catalogOf } from '../core/catalog.js';
import type { NodeDriver } from '../core/target.js';
import { commandDriver } from './command/driver.js';
import { dockerDriver } from './docker/driver.js';
import { processDriver } from './process.js';

export const drivers = catalogOf<NodeDriver>([processDriver, dockerDriver(process.env), commandDriver]);
