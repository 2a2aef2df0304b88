import { faultContract } from './contract.js';

faultContract('antietcd-3', 25_000);
