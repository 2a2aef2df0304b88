/** The registry contract on clusters with users, roles and TLS. */
import { ETCD_36, missingEtcd36 } from '../setup/etcd.js';
import { missingLab } from '../support/cluster.js';
import { startSecuredEtcd } from '../support/secured-etcd.js';
import { registryContract } from './contract.js';

registryContract('etcd with users and TLS', missingLab('etcd-3'), () => startSecuredEtcd(24_400));
registryContract('etcd 3.6 with users and TLS', missingEtcd36(), () => startSecuredEtcd(24_420, ETCD_36));
