import { restoreContract } from './restore-contract.js';

restoreContract('zookeeper-3', 26_300);
