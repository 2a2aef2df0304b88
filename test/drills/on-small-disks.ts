/** Shipped drills on `etcd-3-small-disks`; tested, with their variants that must miss, in shipped-small-disks.all.test.ts. */
export const ON_SMALL_DISKS = ['etcd-disk-full'];
