import { faultContract } from './contract.js';

faultContract('zookeeper-3', 26_160);
