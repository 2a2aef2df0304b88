import { resolve } from 'node:path';
import { type Drill, flatSteps } from '../core/drill.js';
import { formatDuration, showDuration } from '../core/duration.js';
import type { Plan } from '../core/plan.js';
import { type Bilingual, bi } from '../core/text.js';
import { restoreTime } from '../readiness/index.js';
import type { Context } from './context.js';
import { readRuns } from './readiness/runs.js';

/** How long the restore of the whole registry will take, by what earlier runs on the same product measured; null = the drill has none. */
export function restoreForecast(
  { drill, plan, reports }: { readonly drill: Drill; readonly plan: Plan; readonly reports: string },
  ctx: Context,
): Bilingual | null {
  const whole = flatSteps(drill).some(({ step }) => step.verb === 'restore' && step.services === undefined);
  if (!whole || plan.target === null) return null;
  const { product } = plan.target.binding;
  const reading = readRuns(resolve(ctx.cwd, reports), ctx);
  const runs = reading.read ? reading.value.filter((run) => run.product === product) : [];
  const bytes = runs.findLast((run) => run.backupBytes !== null)?.backupBytes ?? null;
  if (bytes === null) {
    return bi(
      `Restore forecast: unknown, no recorded run has backed ${product} up`,
      `恢复用时预测：未知，没有运行记录备份过 ${product}`,
    );
  }
  const forecast = restoreTime(
    bytes,
    runs.flatMap(({ restores }) => restores),
  );
  if (!forecast.known) {
    return bi(`Restore forecast: unknown, ${forecast.why.en}`, `恢复用时预测：未知，${forecast.why.zh}`);
  }
  return told(bytes, forecast, drill.objectives.rtoMs);
}

function told(
  bytes: number,
  { tookMs, measured, bytesPerSecond }: Extract<ReturnType<typeof restoreTime>, { known: true }>,
  rtoMs: number | null,
): Bilingual {
  const [took, was] = [showDuration(tookMs), showDuration(measured.tookMs)];
  const rate = Math.round(bytesPerSecond);
  const rto =
    rtoMs === null
      ? bi('', '')
      : tookMs <= rtoMs
        ? bi(`; within the RTO of ${formatDuration(rtoMs)}`, `；在 RTO ${formatDuration(rtoMs)} 之内`)
        : bi(`; beyond the RTO of ${formatDuration(rtoMs)}`, `；超出 RTO ${formatDuration(rtoMs)}`);
  return bi(
    `Restore forecast: about ${took} for ${bytes} bytes (measured: ${measured.bytes} bytes in ${was}, ${rate} bytes/s)${rto.en}`,
    `恢复用时预测：${bytes} 字节约 ${took}（实测：${measured.bytes} 字节用时 ${was}，每秒 ${rate} 字节）${rto.zh}`,
  );
}
