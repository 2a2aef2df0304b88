import { missingEtcd36, withEtcd36 } from '../setup/etcd.js';
import { restoreContract } from './restore-contract.js';

restoreContract('etcd-3', 24_600, { title: 'etcd 3.6', missing: missingEtcd36(), env: withEtcd36 });
