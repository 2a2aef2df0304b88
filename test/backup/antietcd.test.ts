import { restoreContract } from './restore-contract.js';

restoreContract('antietcd-3', 25_090);
