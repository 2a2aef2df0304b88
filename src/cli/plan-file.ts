/** A plan on disk: what `plan -o` shows to whoever reads it, and what `run plan.json` holds the world to. */
import { writeFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { WorldError } from '../core/errors.js';
import type { Plan } from '../core/plan.js';
import { isMapValue } from '../core/shape.js';
import { bi } from '../core/text.js';
import { type FixedPlan, fixedPlan } from '../drill/index.js';
import type { Context } from './context.js';
import { type DrillFile, readDrillFile, readInput } from './drill-file.js';

/** `drillFile` is relative to the plan, so that both can be moved together. */
export function writePlanFile(path: string, drillPath: string, plan: Plan): void {
  const drillFile = relative(dirname(path), drillPath);
  writeFileSync(path, `${JSON.stringify({ ...plan, drillFile, fixed: fixedPlan(plan) }, null, 2)}\n`);
}

/** `fixed` = null: a drill, which is planned now. */
export function drillOrPlan(
  path: string,
  ctx: Context,
): { readonly file: DrillFile; readonly fixed: FixedPlan | null } {
  if (!path.endsWith('.json')) return { file: readDrillFile(path, ctx), fixed: null };
  const { drillFile, fixed } = readPlanFile(path);
  return { file: readDrillFile(resolve(dirname(path), drillFile), ctx), fixed };
}

function readPlanFile(path: string): { readonly drillFile: string; readonly fixed: FixedPlan } {
  const read = parsed(Buffer.from(readInput(path)).toString('utf8'));
  if (isMapValue(read) && typeof read.drillFile === 'string' && isMapValue(read.fixed)) {
    const { drillFile, fixed } = read;
    const texts = Object.entries(fixed).filter((pair): pair is [string, string] => typeof pair[1] === 'string');
    if (texts.length > 0 && texts.length === Object.keys(fixed).length) {
      return { drillFile, fixed: Object.fromEntries(texts) };
    }
  }
  throw new WorldError({
    code: 'plan-unreadable',
    exit: 'file-invalid',
    message: bi(`${path} is not a plan that can be run.`, `${path} 不是可以执行的计划。`),
    hint: bi(
      'Such a plan is made by: firedrill plan FILE -o plan.json',
      '请用以下命令生成：firedrill plan 文件 -o plan.json',
    ),
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: not a plan; the caller says so.
    return null;
  }
}
