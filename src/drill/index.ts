export type { Patience } from './await-leader.js';
export { changesSince, type FixedPlan, fixedPlan } from './fixed-plan.js';
export { initFiles } from './init.js';
export { loadDrill, loadTarget } from './load.js';
export { planDrill } from './plan.js';
export { drillSchema } from './schema.js';
