import { describeShipped } from './shipped.js';

describeShipped('etcd-3', 30_100, ['others', 'backups']);
