/** Shipped drills that are tested, with their variants that must miss, in test/truth: their point is what they count. */
export const IN_TRUTH = ['etcd-force-new-cluster', 'etcd-leases-through-freeze'];
