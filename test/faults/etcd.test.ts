import { faultContract } from './contract.js';

faultContract('etcd-3', 27_030);
