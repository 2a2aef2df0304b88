/** Shipped drills on `etcd-3` in containers; tested, with their variants that must miss, in shipped-docker.all.test.ts. */
export const ON_DOCKER = ['etcd-leader-partitioned', 'etcd-minority-partitioned'];
