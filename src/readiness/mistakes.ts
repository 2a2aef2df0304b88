/** The four mistakes of seed §9.3, as hints where they apply. */
import { formatDuration } from '../core/duration.js';
import { type Bilingual, bi } from '../core/text.js';
import type { ReadinessEvidence } from './evidence.js';
import { presetOf } from './questions/rehearsed.js';
import type { AnswerOf } from './stages.js';

export function mistakesOf(answer: AnswerOf, evidence: ReadinessEvidence): readonly Bilingual[] {
  return [
    ...(answer(1) !== 'no' && answer(6) !== 'yes' ? [NO_DRILLS] : []),
    ...tooStrict(evidence),
    ...(hasBackupsOnly(evidence) ? [MIXED_UP] : []),
    ...(answer(5) === 'no' || answer(12) === 'no' ? [PUT_AWAY] : []),
  ];
}

const NO_DRILLS = bi(
  'Backups without drills: a restore that was never tried may fail. Drill at least every quarter.',
  '只做备份，不做演练：从未试过的恢复可能失败。每季度至少演练一次。',
);

const MIXED_UP = bi(
  'Backups are not disaster recovery: they keep the data, a standby site keeps the service. The plan names no standby site.',
  '备份和容灾混为一谈：备份保数据，容灾保服务。预案中没有备用站点。',
);

const PUT_AWAY = bi(
  'A plan that was written and put away: update it after each drill.',
  '预案写完就束之高阁：每次演练后都应更新。',
);

const hasBackupsOnly = ({ plan, tiers }: ReadinessEvidence): boolean =>
  tiers.length > 0 && !Object.values(plan.sites ?? {}).some(({ role }) => role === 'standby');

/** The strictest class there is, for a registry whose sites are not kept alike in real time. */
function tooStrict(evidence: ReadinessEvidence): readonly Bilingual[] {
  const preset = presetOf(evidence);
  const [strictest] = evidence.plan.objectiveClasses?.rto ?? [];
  if (preset === undefined || strictest === undefined) return [];
  if (preset.rtoMs > strictest.rtoMs && preset.rpoMs > 0) return [];
  const goal = `RTO ${formatDuration(preset.rtoMs)}, RPO ${formatDuration(preset.rpoMs)}`;
  return [
    bi(
      `The utmost in RTO and RPO (${goal}) costs many times a plain set-up. Set them by what an hour of outage costs.`,
      `追求极致的 RTO/RPO（${goal}）的成本是基础方案的数倍。请根据业务价值合理设定。`,
    ),
  ];
}
