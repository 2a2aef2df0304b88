import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { templatesDir } from '../core/package-root.js';
import type { RecoveryPlan } from '../core/recovery-plan.js';
import { loadRecoveryPlan } from './load.js';

/** The plan that comes with Firedrill: the seed's tables, with placeholder contacts. */
export const plan: RecoveryPlan = loadRecoveryPlan({
  path: 'templates/recovery-plan.yaml',
  bytes: readFileSync(join(templatesDir, 'recovery-plan.yaml')),
});
