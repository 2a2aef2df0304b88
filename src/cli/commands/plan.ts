import { resolve } from 'node:path';
import type { TargetSpec } from '../../core/drill.js';
import type { Cluster } from '../../core/target.js';
import { bi } from '../../core/text.js';
import { planDrill } from '../../drill/index.js';
import { catalogs } from '../catalogs.js';
import type { Action } from '../command.js';
import type { Context } from '../context.js';
import { readDrillFile } from '../drill-file.js';
import { codeOf } from '../failure.js';
import { writePlanFile } from '../plan-file.js';
import { patienceOf, planText, printRefusals } from '../print-plan.js';
import { restoreForecast } from '../restore-forecast.js';
import { clusterOfTarget } from '../target.js';

/** `plan FILE`: reads only. A lab that is down is not started for it. */
export const plan: Action = async ({ ctx, args, options }) => {
  const path = resolve(ctx.cwd, String(args[0]));
  const { loaded } = readDrillFile(path, ctx);
  const { faults } = catalogs(ctx);
  const cluster = await clusterToPlan(loaded.drill.target, ctx);
  try {
    const planned = await planDrill({ loaded, cluster, faults, patience: patienceOf(ctx) });
    if (!planned.ok) {
      if (ctx.json) ctx.out(JSON.stringify({ schemaVersion: 1, ok: false, refusals: planned.refusals }, null, 2));
      printRefusals(planned.refusals, ctx);
      return codeOf('refused');
    }
    if (typeof options.output === 'string') writePlanFile(resolve(ctx.cwd, options.output), path, planned.plan);
    ctx.out(ctx.json ? JSON.stringify(planned.plan, null, 2) : planText(planned.plan, ctx));
    const forecast = restoreForecast({ drill: loaded.drill, plan: planned.plan, reports: String(options.out) }, ctx);
    if (forecast !== null && !ctx.json) ctx.out(ctx.say(forecast));
    return 0;
  } finally {
    cluster?.registry.close();
  }
};

async function clusterToPlan(target: TargetSpec | undefined, ctx: Context): Promise<Cluster | null> {
  if (target === undefined) return null;
  if (target.source.from === 'nodes') return clusterOfTarget(target, ctx);
  ctx.err(
    ctx.say(
      bi(
        `Planning against lab ${target.source.lab} as it runs now.`,
        `按当前运行的练习集群 ${target.source.lab} 制定计划。`,
      ),
    ),
  );
  return clusterOfTarget(target, ctx);
}
