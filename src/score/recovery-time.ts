import { showDuration } from '../core/duration.js';
import type { ObjectiveMeasurement } from '../core/measurement.js';
import { bi } from '../core/text.js';
import { type CriterionRule, notApplicable, notAssessed } from './judged.js';

/** The seed's "good" reaches this far beyond the RTO. */
const GOOD_UP_TO = 1.5;

export const recoveryTime: CriterionRule = ({ m, opened }) => {
  const rto = m.objectives.find((objective) => objective.id === 'rto');
  if (rto === undefined) return notApplicable(bi('the drill has no RTO to judge', '演练没有可判定的 RTO'));
  if (rto.verdict === 'unknown') return notAssessed(rto.why, rto.evidence);
  if (opened.drill.kind === 'tabletop' && m.people.scripted) {
    return notAssessed(bi('estimates from an answers file are not people’s', '答案文件中的估计并非人员所作'));
  }
  return { state: 'assessed', grade: gradeOf(rto), reason: reasonOf(rto), evidence: rto.evidence };
};

/** A time within its own error of a limit gets the lower grade: it is judged at the far end of its error. */
function gradeOf({ measured, error, limit }: ObjectiveMeasurement): string {
  if (measured === null) return 'not-recovered';
  const within = (most: number): boolean =>
    error === null || error === 0 ? measured <= most : measured + error < most;
  if (within(limit)) return 'within-rto';
  return within(limit * GOOD_UP_TO) ? 'within-1.5-rto' : 'beyond-1.5-rto';
}

function reasonOf({ measured, error, limit, verdict, why }: ObjectiveMeasurement): { en: string; zh: string } {
  if (measured === null) return why;
  const against = `${showDuration(measured)}${error === null ? '' : ` ± ${showDuration(error)}`} / RTO ${showDuration(limit)}`;
  const borderline = verdict === 'borderline' ? bi(' (borderline)', '（临界）') : bi('', '');
  return bi(`${against}${borderline.en}: ${why.en}`, `${against}${borderline.zh}：${why.zh}`);
}
