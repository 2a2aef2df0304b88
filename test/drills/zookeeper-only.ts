/** Shipped drills on ZooKeeper's labs; tested, with their variants that must miss, in zookeeper.all.test.ts. */
export const ZOOKEEPER_ONLY = [
  'zookeeper-full-flow',
  'zookeeper-leader-frozen',
  'zookeeper-leader-killed',
  'zookeeper-sessions-expired',
];

/** On `zookeeper-3-default-timers` in containers; tested in zookeeper-docker.all.test.ts. */
export const ZOOKEEPER_ON_DOCKER = ['zookeeper-leader-partitioned'];
