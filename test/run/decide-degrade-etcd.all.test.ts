import { describeDecideDegrade } from './decide-degrade.js';

describeDecideDegrade('etcd-3', 25_100);
