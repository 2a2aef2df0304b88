import { describeDecideDegrade } from './decide-degrade.js';

describeDecideDegrade('antietcd-3', 25_000);
