/** Is the standby ready? Healthy, and as far behind and as equal as the recovery plan promises of its site. */
import type { Finding, StandbyFacts } from '../../core/decision.js';
import { describeError } from '../../core/errors.js';
import type { DecisionAnswer } from '../../core/plan-decision.js';
import { type Bilingual, bi } from '../../core/text.js';
import { clusterOf, type Run } from '../context.js';

const LOOK_LIMIT_MS = 10_000;

export interface StandbySeen {
  readonly facts: StandbyFacts | null;
  readonly finding: Finding;
}

export async function lookAtStandby(run: Run, signal: AbortSignal): Promise<StandbySeen> {
  const look = run.services.lookAtStandby;
  if (look === undefined || run.cluster === null)
    return unseen(bi('nothing here looks at a standby', '此处没有查看备用站点的手段'));
  const { drill, recoveryPlan: plan } = run;
  const { clock } = run.services;
  try {
    const facts = await look({ cluster: clusterOf(run), drill, plan, clock, limitMs: LOOK_LIMIT_MS, signal });
    if (facts === null) return { facts, finding: none };
    return { facts, finding: judged(facts, run) };
  } catch (error) {
    signal.throwIfAborted();
    return unseen(describeError(error));
  }
}

const unseen = (why: Bilingual): StandbySeen => ({
  facts: null,
  finding: { answer: 'unknown', why, values: {}, where: bi('nowhere', '无处可查'), evidence: [] },
});

const none: Finding = {
  answer: 'no',
  why: bi('there is no standby site', '没有备用站点'),
  values: {},
  where: bi('the sites of the drill and of the recovery plan', '演练与恢复预案中的站点'),
  evidence: [],
};

/** A replica that is healthy counts as data, however far behind it is: what it lacks is the cost of the switch. */
export const replicaCounts = (facts: StandbyFacts | null): boolean => facts?.healthy === true && facts.equalShare !== 0;

function judged(facts: StandbyFacts, { recoveryPlan }: Pick<Run, 'recoveryPlan'>): Finding {
  const limits = recoveryPlan.sites?.[facts.site]?.sync ?? null;
  const parts: readonly DecisionAnswer[] = [
    told(facts.healthy),
    limits === null ? 'unknown' : within(facts.lagMs, (lagMs) => lagMs <= limits.lagMs),
    // A way of keeping sites alike that promises no share cannot fall short of it.
    limits === null ? 'unknown' : equalEnough(facts.equalShare, limits.equalShare),
  ];
  const [healthy, lag, equal] = parts;
  const said = limits === null ? bi('; the plan sets no limits for it', '；预案未给出其限值') : bi('', '');
  return {
    answer: parts.includes('no') ? 'no' : parts.includes('unknown') ? 'unknown' : 'yes',
    why: bi(
      `${facts.site}: healthy ${healthy}, lag ${lag}, share of equal entries ${equal}${said.en}. ${facts.detail.en}`,
      `${facts.site}：健康 ${ZH[healthy ?? 'unknown']}，延迟 ${ZH[lag ?? 'unknown']}，相同条目占比 ${ZH[equal ?? 'unknown']}${said.zh}。${facts.detail.zh}`,
    ),
    values: {
      site: facts.site,
      healthy: facts.healthy,
      lagMs: facts.lagMs,
      lagLimitMs: limits?.lagMs ?? null,
      equalShare: facts.equalShare,
      equalShareLimit: limits?.equalShare ?? null,
      addedDelayMs: facts.addedDelayMs,
    },
    where: facts.where,
    evidence: facts.evidence,
  };
}

const ZH: Readonly<Record<DecisionAnswer, string>> = { yes: '达标', no: '不达标', unknown: '未知' };

const told = (value: boolean | null): DecisionAnswer => (value === null ? 'unknown' : value ? 'yes' : 'no');
const within = (value: number | null, holds: (value: number) => boolean): DecisionAnswer =>
  value === null ? 'unknown' : told(holds(value));
const equalEnough = (share: number | null, least: number | null): DecisionAnswer =>
  least === null ? 'yes' : within(share, (value) => value >= least);
