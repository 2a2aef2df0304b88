import { killedBetweenPhases } from './killed.js';

killedBetweenPhases('etcd-3', 27_120);
