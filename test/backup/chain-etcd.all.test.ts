import { chainContract } from './chain-contract.js';

chainContract('etcd-3', 21_200);
