import { faultContract } from './contract.js';

faultContract('zookeeper-3', 23_300, {
  driver: 'docker',
  missing: process.env.FIREDRILL_MISSING_DOCKER ?? process.env.FIREDRILL_MISSING_IMAGE_ZOOKEEPER ?? null,
  env: () => ({ ...process.env, FIREDRILL_IMAGE_ZOOKEEPER: process.env.FIREDRILL_TEST_IMAGE_ZOOKEEPER }),
});
