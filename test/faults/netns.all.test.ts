import { faultContract } from './contract.js';
import { killedBetweenPhases } from './killed.js';

const only = ['network.partition', 'network.loss'];
faultContract('etcd-3-netns', 22_030, { only });
killedBetweenPhases('etcd-3-netns', 22_060, { only });
