import { describeShipped } from './shipped.js';

describeShipped('antietcd-3', 30_000, ['full-flow', 'others']);
