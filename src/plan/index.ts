import type { RecoveryPlan } from '../core/recovery-plan.js';
import { plan } from './built-in.built.js';

export { loadRecoveryPlan, recoveryPlanSchema } from './load.js';

/** The plan that comes with Firedrill: the seed's tables, with placeholder contacts. */
export const builtInRecoveryPlan = (): RecoveryPlan => plan;
