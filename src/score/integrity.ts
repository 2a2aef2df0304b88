import { showDuration } from '../core/duration.js';
import type { LossMeasurement, Measurements } from '../core/measurement.js';
import type { Outcome } from '../core/outcome.js';
import { type Bilingual, bi } from '../core/text.js';
import { type CriterionRule, type Judged, notAssessed, type ScoreContext } from './judged.js';
import { byRatings } from './ratings.js';

const CHECKS = { count: bi('count', '数量'), hash: bi('hash', '哈希'), functional: bi('function', '功能') } as const;

export const dataIntegrity: CriterionRule = (context, criterion) =>
  context.opened.drill.kind === 'tabletop' ? byRatings(context, criterion) : byLoss(context);

function byLoss({ m, opened }: ScoreContext): Judged {
  const { integrity, loss } = m;
  const evidence = [...(loss?.evidence ?? []), ...integrity.evidence];
  const broken = unusable(m);
  if (broken !== null) return { state: 'assessed', grade: 'unusable', reason: broken, evidence };
  // What is known to be bad is known, whatever else was not checked; only full marks need all three checks.
  const failed = namesOf(m, (outcome) => outcome === 'fail');
  if (failed !== null) {
    const reason = bi(
      `checked and different: ${failed.en}; how much that is cannot be told to lie within the RPO`,
      `校验不一致：${failed.zh}；无法判定差异是否在 RPO 之内`,
    );
    return { state: 'assessed', grade: 'beyond-rpo', reason, evidence };
  }
  if (loss !== null && loss.records > 0) {
    return { state: 'assessed', ...gradeOfLoss(loss, opened.drill.objectives), evidence };
  }
  const missing = namesOf(m, (outcome) => outcome !== 'pass' && outcome !== 'fail');
  if (missing !== null) {
    const reason = bi(`not checked after the last change: ${missing.en}`, `最后一次变更之后未校验：${missing.zh}`);
    return notAssessed(reason, evidence);
  }
  if (loss === null) {
    const reason = bi(
      'no ledger: whether acknowledged writes were lost is unknown',
      '没有账本：无法得知已确认的写入是否丢失',
    );
    return notAssessed(reason, evidence);
  }
  return { state: 'assessed', ...gradeOfLoss(loss, opened.drill.objectives), evidence };
}

/** A functional check that fails at the end, or a last restore that did not get through. */
function unusable(m: Measurements): Bilingual | null {
  if (m.integrity.functional === 'fail') {
    return bi('the functional check failed: the data cannot be used', '功能验证失败：数据不可用');
  }
  const failed = m.restores.at(-1)?.substeps.find((row) => row.outcome === 'fail' || row.outcome === 'error');
  if (failed === undefined) return null;
  const { name, detail } = failed;
  return bi(`the last restore failed at ${name}: ${detail.en}`, `最后一次恢复在 ${name} 处失败：${detail.zh}`);
}

function namesOf(m: Measurements, wanted: (outcome: Outcome) => boolean): Bilingual | null {
  const ids = (['count', 'hash', 'functional'] as const).filter((id) => wanted(m.integrity[id]));
  if (ids.length === 0) return null;
  return bi(ids.map((id) => CHECKS[id].en).join(', '), ids.map((id) => CHECKS[id].zh).join('、'));
}

/** With `rpo.records: 0` any loss is beyond the records; the seed's middle grade is then judged by time. */
function gradeOfLoss(
  loss: LossMeasurement,
  objectives: { readonly rpoRecords: number | null; readonly rpoTimeMs: number | null },
): { readonly grade: string; readonly reason: Bilingual } {
  if (loss.records === 0) {
    const reason = bi('nothing lost; count, hash and function checked', '零丢失；数量、哈希、功能均已校验');
    return { grade: 'nothing-lost', reason };
  }
  const { rpoRecords, rpoTimeMs } = objectives;
  const span = showDuration(loss.timeMs);
  const what = bi(`${loss.records} records / ${span}`, `${loss.records} 条 / ${span}`);
  if (rpoRecords === null && rpoTimeMs === null) {
    const reason = bi(`lost ${what.en}; there is no RPO that would allow it`, `丢失 ${what.zh}；没有允许丢失的 RPO`);
    return { grade: 'beyond-rpo', reason };
  }
  const recordsHold = rpoRecords === null || (rpoRecords === 0 && rpoTimeMs !== null) || loss.records <= rpoRecords;
  const timeHolds = rpoTimeMs === null || loss.timeMs <= rpoTimeMs;
  const limits = [rpoRecords === null ? '' : `${rpoRecords}`, rpoTimeMs === null ? '' : showDuration(rpoTimeMs)];
  const rpo = `RPO ${limits.filter((limit) => limit !== '').join(' / ')}`;
  return recordsHold && timeHolds
    ? { grade: 'within-rpo', reason: bi(`lost ${what.en}, within ${rpo}`, `丢失 ${what.zh}，在 ${rpo} 之内`) }
    : { grade: 'beyond-rpo', reason: bi(`lost ${what.en}, beyond ${rpo}`, `丢失 ${what.zh}，超出 ${rpo}`) };
}
