/** Shipped drills that need real etcd; tested in etcd-faults.all.test.ts, those of two sites in two-sites.all.test.ts. */
export const ETCD_ONLY = [
  'etcd-leases-expired',
  'etcd-mass-deregistration',
  'etcd-node-data-lost',
  'etcd-quota-exhausted',
  'etcd-rolling-restart',
  'etcd-site-lost',
  'registration-flood',
];
