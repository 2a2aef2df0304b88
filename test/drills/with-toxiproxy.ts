/** Drills on `etcd-3-toxiproxy`, tested in shipped-toxiproxy.all.test.ts. */
export const WITH_TOXIPROXY = ['etcd-slow-clients', 'etcd-slow-peers'] as const;
