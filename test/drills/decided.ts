/** Shipped drills that decide or degrade; tested in decided.all.test.ts. */
export const DECIDED = ['degraded-while-down', 'repair-decided'];
