import { describeShipped } from './shipped.js';

// The others are in shipped-etcd.all.test.ts: every one of them runs on antietcd in any case.
describeShipped('etcd-3', 30_100, ['full-flow']);
