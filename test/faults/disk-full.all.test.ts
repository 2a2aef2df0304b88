/** A node's disk that is really full, on the lab whose nodes have disks of their own. */
import { type ContractOptions, faultContract } from './contract.js';
import { killedBetweenPhases } from './killed.js';

const only = ['node.disk-full'];
const LAB = 'etcd-3-small-disks';
const docker: ContractOptions = {
  only,
  driver: 'docker',
  missing: process.env.FIREDRILL_MISSING_DOCKER ?? null,
  env: () => ({ ...process.env, FIREDRILL_IMAGE_ETCD: process.env.FIREDRILL_TEST_IMAGE_ETCD }),
};
faultContract(LAB, 25_100, { only });
faultContract(LAB, 25_160, docker);
killedBetweenPhases(LAB, 25_220, { only });
killedBetweenPhases(LAB, 25_280, docker);
