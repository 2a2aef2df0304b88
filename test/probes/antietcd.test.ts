import { probeContract } from './contract.js';

probeContract('antietcd-3', 25_150);
