/** Shipped drills that restore from increments; tested in increments.all.test.ts. */
export const WITH_INCREMENTS = ['increment-registry-wiped', 'increment-service-deleted'];
