import { type ContractOptions, faultContract } from './contract.js';
import { killedBetweenPhases } from './killed.js';

const docker: ContractOptions = {
  driver: 'docker',
  missing: process.env.FIREDRILL_MISSING_DOCKER ?? null,
  env: () => ({ ...process.env, FIREDRILL_IMAGE_ETCD: process.env.FIREDRILL_TEST_IMAGE_ETCD }),
};
faultContract('etcd-3', 27_060, docker);
killedBetweenPhases('etcd-3', 27_240, docker);
