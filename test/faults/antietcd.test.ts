import { faultContract } from './contract.js';

faultContract('antietcd-3', 27_000);
