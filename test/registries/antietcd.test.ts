import { startLab } from '../support/cluster.js';
import { registryContract } from './contract.js';

registryContract('antietcd', null, () => startLab('antietcd-3', 24_100));
