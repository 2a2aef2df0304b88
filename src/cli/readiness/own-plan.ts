import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { RecoveryPlan } from '../../core/recovery-plan.js';
import { builtInRecoveryPlan, loadRecoveryPlan } from '../../plan/index.js';
import type { ReadinessEvidence } from '../../readiness/index.js';
import { type Context, showPath } from '../context.js';
import { readInput } from '../drill-file.js';

const PLAN_NAME = 'recovery-plan.yaml';

export interface OwnPlan {
  readonly plan: RecoveryPlan;
  /** Null = the built-in one. */
  readonly file: ReadinessEvidence['planFile'];
  /** Its paths are relative to this folder. */
  readonly dir: string;
}

/** `--plan FILE`, else the recovery-plan.yaml of this folder, else the built-in plan. */
export function ownPlan(option: string | boolean | undefined, ctx: Context): OwnPlan {
  const named = typeof option === 'string' ? resolve(ctx.cwd, option) : null;
  const usual = resolve(ctx.cwd, PLAN_NAME);
  const path = named ?? (existsSync(usual) ? usual : null);
  if (path === null) return { plan: builtInRecoveryPlan(), file: null, dir: ctx.cwd };
  const shown = showPath(path, ctx);
  const plan = loadRecoveryPlan({ path: shown, bytes: readInput(path) });
  return {
    plan,
    file: { path: shown, changedMs: statSync(path).mtimeMs, sha256: planHash(plan) },
    dir: dirname(path),
  };
}

/** Of what the plan says, not of its comments: the same plan in a journal has the same hash. */
export const planHash = (plan: unknown): string => createHash('sha256').update(JSON.stringify(plan)).digest('hex');
