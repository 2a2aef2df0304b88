import { missingEtcd36, withEtcd36 } from '../setup/etcd.js';
import { startLab } from '../support/cluster.js';
import { registryContract } from './contract.js';

registryContract('etcd 3.6', missingEtcd36(), () => startLab('etcd-3', 24_160, withEtcd36()));
