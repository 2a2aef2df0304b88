import { faultContract } from './contract.js';

faultContract('etcd-3', 25_030);
