export { initFiles } from './init.js';
export { type DrillInput, loadDrill, loadTarget } from './load.js';
export { planDrill } from './plan.js';
export { drillSchema } from './schema.js';
