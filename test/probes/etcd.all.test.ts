import { probeContract } from './contract.js';

probeContract('etcd-3', 25_180);
