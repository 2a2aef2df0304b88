import { restoreContract } from './restore-contract.js';

restoreContract('etcd-3', 25_170);
