import { ZOOKEEPER_38_LIB } from '../setup/zookeeper.js';
import { missingLab, startLab } from '../support/cluster.js';
import { registryContract } from './contract.js';

registryContract('ZooKeeper 3.9', missingLab('zookeeper-3'), () => startLab('zookeeper-3', 26_000));

// Debian's 3.8 has no snapshot command: what is copied is another matter.
registryContract(
  'ZooKeeper 3.8',
  process.env.FIREDRILL_MISSING_ZOOKEEPER_38 ?? null,
  () => startLab('zookeeper-3', 26_040, { ...process.env, FIREDRILL_ZOOKEEPER_LIB: ZOOKEEPER_38_LIB }),
  { copies: false },
);
