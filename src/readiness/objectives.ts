/** Objectives that the backup calendar or the measured restore speed cannot meet (seed §7). */
import { plannedBackups } from '../core/backup-calendar.js';
import { formatDuration, showDuration } from '../core/duration.js';
import { bi } from '../core/text.js';
import { type Answer, DAY_MS, planPlace, type Seen } from './answer.js';
import type { ReadinessEvidence } from './evidence.js';
import type { Forecast } from './forecast.js';
import { presetOf } from './questions/rehearsed.js';

export interface ObjectiveFinding extends Seen {
  readonly objective: 'rto' | 'rpo';
  /** Can it be met? */
  readonly answer: Answer;
}

export function objectivesOf(evidence: ReadinessEvidence, forecasts: readonly Forecast[]): readonly ObjectiveFinding[] {
  const preset = presetOf(evidence);
  if (preset === undefined) return [];
  return [rpoByCalendar(evidence, preset.rpoMs), rtoByForecast(evidence, forecasts, preset.rtoMs)];
}

/** What is lost at worst is what came since the last backup: the longest time between two of them. */
function rpoByCalendar(evidence: ReadinessEvidence, rpoMs: number): ObjectiveFinding {
  const { plan, nowMs } = evidence;
  const where = planPlace(evidence);
  const allowed = formatDuration(rpoMs);
  if (plan.calendar === undefined) {
    return {
      objective: 'rpo',
      answer: 'unknown',
      where,
      text: bi('the plan has no backup calendar', '预案中没有备份日历'),
    };
  }
  const planned = plannedBackups(plan.calendar, { fromMs: nowMs, toMs: nowMs + 15 * DAY_MS }).map(({ atMs }) => atMs);
  const gapMs = Math.max(...planned.slice(1).map((atMs, index) => atMs - (planned[index] ?? atMs)));
  const gap = formatDuration(gapMs);
  if (planned.length > 1 && gapMs <= rpoMs) {
    const text = bi(
      `a backup every ${gap} at most can keep an RPO of ${allowed}`,
      `备份间隔至多 ${gap}，可以满足 RPO ${allowed}`,
    );
    return { objective: 'rpo', answer: 'yes', where, text };
  }
  const synced = Object.entries(plan.sites ?? {}).find(([, { sync }]) => sync !== null && sync.lagMs <= rpoMs);
  if (synced !== undefined) {
    const text = bi(
      `a backup every ${gap} cannot keep an RPO of ${allowed}; only the sync of site ${synced[0]} can, and it was not measured here`,
      `备份间隔 ${gap}，无法满足 RPO ${allowed}；只有站点 ${synced[0]} 的同步可以，但此处未测量`,
    );
    return { objective: 'rpo', answer: 'unknown', where, text };
  }
  const text = bi(`a backup every ${gap} cannot keep an RPO of ${allowed}`, `备份间隔 ${gap}，无法满足 RPO ${allowed}`);
  return { objective: 'rpo', answer: 'no', where, text };
}

/** One tier that is quick enough is enough; it cannot be met when every tier is too slow. */
function rtoByForecast(evidence: ReadinessEvidence, forecasts: readonly Forecast[], rtoMs: number): ObjectiveFinding {
  const allowed = formatDuration(rtoMs);
  const where = forecasts.map(({ tier }) => tier).join(', ') || planPlace(evidence);
  const quick = forecasts.find(({ answer }) => answer === 'yes');
  if (quick !== undefined) {
    const text = bi(
      `from ${quick.tier} ${quick.why.en}; RTO ${allowed}`,
      `从 ${quick.tier} ${quick.why.zh}；RTO ${allowed}`,
    );
    return { objective: 'rto', answer: 'yes', where, text };
  }
  const slow = forecasts.length > 0 && forecasts.every(({ answer }) => answer === 'no');
  if (!slow) {
    const why = forecasts.find(({ answer }) => answer === 'unknown')?.why ?? bi('no tier is named', '未列出存储层级');
    const text = bi(
      `whether a restore fits the RTO of ${allowed} is not known: ${why.en}`,
      `恢复能否满足 RTO ${allowed} 未知：${why.zh}`,
    );
    return { objective: 'rto', answer: 'unknown', where, text };
  }
  const best = Math.min(...forecasts.map(({ totalMs }) => totalMs ?? Number.POSITIVE_INFINITY));
  const text = bi(
    `a restore takes about ${showDuration(best)} at best; the RTO is ${allowed}`,
    `恢复最快约需 ${showDuration(best)}；RTO 为 ${allowed}`,
  );
  return { objective: 'rto', answer: 'no', where, text };
}
