import { chainContract } from './chain-contract.js';

chainContract('zookeeper-3', 21_400);
