import { missingLab, startLab } from '../support/cluster.js';
import { registryContract } from './contract.js';

registryContract('etcd', missingLab('etcd-3'), () => startLab('etcd-3', 24_130));
