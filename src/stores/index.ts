import { catalogOf } from '../core/catalog.js';
import type { StoreDriver } from '../core/store.js';
import { directory } from './directory/index.js';
import { s3 } from './s3/index.js';

export const stores = catalogOf<StoreDriver>([directory, s3]);
