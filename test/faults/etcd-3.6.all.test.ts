import { missingEtcd36, withEtcd36 } from '../setup/etcd.js';
import { faultContract } from './contract.js';

faultContract('etcd-3', 24_240, { title: 'etcd 3.6', missing: missingEtcd36(), env: withEtcd36 });
