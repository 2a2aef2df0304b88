import { probeContract } from './contract.js';

probeContract('zookeeper-3', 26_080);
