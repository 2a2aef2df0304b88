import { catalogOf } from '../core/catalog.js';
import type { RegistryDriver } from '../core/registry.js';
import { etcd } from './etcd/index.js';
import { zookeeper } from './zookeeper/index.js';

export const registries = catalogOf<RegistryDriver>([etcd, zookeeper]);
