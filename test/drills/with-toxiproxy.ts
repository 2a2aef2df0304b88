/** Drills on `etcd-3-toxiproxy`, tested in shipped-toxiproxy.all.test.ts. */
export const WITH_TOXIPROXY = ['etcd-slow-clients', 'etcd-slow-peers'] as const;

/** On `zookeeper-3-toxiproxy`, tested in zookeeper-toxiproxy.all.test.ts. */
export const ZOOKEEPER_WITH_TOXIPROXY = [
  'zookeeper-session-blip',
  'zookeeper-slow-clients',
  'zookeeper-slow-peers',
] as const;
