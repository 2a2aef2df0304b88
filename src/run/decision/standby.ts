/** Is the standby ready? Healthy now, and as far behind and as equal as the recovery plan promises of its site. */
import type { Finding } from '../../core/decision.js';
import { describeError, WorldError } from '../../core/errors.js';
import { agreedLeader, readMembers } from '../../core/members.js';
import type { DecisionAnswer } from '../../core/plan-decision.js';
import type { Site } from '../../core/plan-places.js';
import type { Cluster } from '../../core/target.js';
import { bi } from '../../core/text.js';
import { clusterOf, type Run } from '../context.js';
import { newestReading, type Reading } from './reading.js';

const STATUS_LIMIT_MS = 2_000;

/** What is known of the standby; null = it could not be told. */
export interface StandbyFacts {
  readonly site: string;
  readonly healthy: boolean;
  /** How far it was behind when last measured: what a switch costs in data. */
  readonly lagMs: number | null;
  /** 0…1 of the entries, when last measured. */
  readonly equalShare: number | null;
  /** Answers from there take so much longer than from the nearest primary; null = no primary answers any more. */
  readonly addedDelayMs: number | null;
}

export interface StandbySeen {
  readonly facts: StandbyFacts | null;
  readonly finding: Finding;
}

export async function lookAtStandby(run: Run, signal: AbortSignal): Promise<StandbySeen> {
  const { standby } = clusterOf(run);
  if (standby === undefined) return { facts: null, finding: withoutStandby(run) };
  const [site, spec] = siteOf(run, standby);
  try {
    const [there, here] = await Promise.all([answering(run, standby, signal), answering(run, clusterOf(run), signal)]);
    // A lag can only be measured while the primary takes writes, so the newest look before its loss counts.
    const lag = newestReading(run, 'replication.lag');
    const equal = newestReading(run, 'replication.equal');
    const facts: StandbyFacts = {
      site,
      healthy: there.led,
      lagMs: lag?.value ?? null,
      equalShare: equal === null ? null : equal.value / 100,
      addedDelayMs: there.tookMs === null || here.tookMs === null ? null : Math.max(0, there.tookMs - here.tookMs),
    };
    return { facts, finding: judged(facts, { spec, lag, equal }) };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof WorldError)) throw error;
    return { facts: null, finding: { ...NOT_SEEN, why: describeError(error) } };
  }
}

const NOT_SEEN = { answer: 'unknown', values: {}, where: bi('nowhere', '无处可查'), evidence: [] } as const;

/** That the drill has no standby says nothing of one that the plan names. */
function withoutStandby({ recoveryPlan }: Run): Finding {
  const named = Object.entries(recoveryPlan.sites ?? {}).find(([, { role }]) => role === 'standby')?.[0];
  const where = bi('the drill’s target and the sites of the recovery plan', '演练目标与恢复预案中的站点');
  if (named === undefined) {
    return { ...NOT_SEEN, answer: 'no', why: bi('there is no standby site', '没有备用站点'), where };
  }
  return {
    ...NOT_SEEN,
    why: bi(
      `the plan names the standby site ${named}, but the drill’s target has none to look at`,
      `预案中有备用站点 ${named}，但演练目标中没有可查看的备用集群`,
    ),
    where,
  };
}

/** By the site of its nodes; a plan with one standby site means that one, whatever the nodes call it. */
function siteOf({ recoveryPlan }: Run, standby: Cluster): readonly [string, Site | null] {
  const sites = recoveryPlan.sites ?? {};
  const own = standby.binding.nodes[0]?.site;
  if (own !== undefined && Object.hasOwn(sites, own)) return [own, sites[own] ?? null];
  const [only, ...others] = Object.entries(sites).filter(([, { role }]) => role === 'standby');
  const spec = only !== undefined && others.length === 0 ? only[1] : null;
  return [own ?? only?.[0] ?? 'standby', spec];
}

interface Answering {
  /** A majority names one leader. */
  readonly led: boolean;
  /** Quickest answer of any node; null = none answered. */
  readonly tookMs: number | null;
}

async function answering(run: Run, { registry }: Cluster, signal: AbortSignal): Promise<Answering> {
  const { clock } = run.services;
  const views = await readMembers(registry, { limitMs: STATUS_LIMIT_MS, signal });
  const times = await Promise.all(
    registry.nodes.map(async (node) => {
      const fromMs = clock.monotonicMs();
      const { outcome } = await registry.client(node).status({ limitMs: STATUS_LIMIT_MS, signal });
      return outcome === 'ok' ? clock.monotonicMs() - fromMs : null;
    }),
  );
  const known = times.filter((time) => time !== null);
  return { led: agreedLeader(views) !== null, tookMs: known.length === 0 ? null : Math.min(...known) };
}

/** A replica that is healthy counts as data, unless it is known to hold nothing: what it lacks is the cost of the switch. */
export const replicaCounts = (facts: StandbyFacts | null): boolean => facts?.healthy === true && facts.equalShare !== 0;

interface Against {
  readonly spec: Site | null;
  readonly lag: Reading | null;
  readonly equal: Reading | null;
}

function judged(facts: StandbyFacts, { spec, lag, equal }: Against): Finding {
  const limits = spec?.sync ?? null;
  const parts = {
    healthy: facts.healthy ? 'yes' : 'no',
    lag: limits === null ? 'unknown' : within(facts.lagMs, (lagMs) => lagMs <= limits.lagMs),
    equal: limits === null ? 'unknown' : equalEnough(facts.equalShare, limits.equalShare),
  } as const;
  const answers: readonly DecisionAnswer[] = Object.values(parts);
  return {
    answer: answers.includes('no') ? 'no' : answers.includes('unknown') ? 'unknown' : 'yes',
    why: bi(
      `${facts.site}: healthy ${parts.healthy}; lag within its limit ${parts.lag}; share of equal entries ${parts.equal}`,
      `${facts.site}：健康${ZH[parts.healthy]}；延迟在限值内${ZH[parts.lag]}；一致条目占比达标${ZH[parts.equal]}`,
    ),
    values: {
      site: facts.site,
      healthy: facts.healthy,
      lagMs: facts.lagMs,
      lagLimitMs: limits?.lagMs ?? null,
      equalShare: facts.equalShare,
      equalShareLimit: limits?.equalShare ?? null,
      addedDelayMs: facts.addedDelayMs === null ? null : Math.round(facts.addedDelayMs),
    },
    where: bi(
      'status of the standby’s nodes now; probes replication.lag and replication.equal when last read',
      '备用节点的当前应答；探针 replication.lag 与 replication.equal 的最近读数',
    ),
    evidence: [lag, equal].flatMap((reading) => (reading === null ? [] : [reading.seq])),
  };
}

const ZH: Readonly<Record<DecisionAnswer, string>> = { yes: '（是）', no: '（否）', unknown: '（未知）' };

const within = (value: number | null, holds: (value: number) => boolean): DecisionAnswer => {
  if (value === null) return 'unknown';
  return holds(value) ? 'yes' : 'no';
};

/** A way of keeping sites alike that promises no share cannot fall short of it. */
const equalEnough = (share: number | null, least: number | null): DecisionAnswer =>
  least === null ? 'yes' : within(share, (value) => value >= least);

/** What a switch costs beside its gain is read from the same facts. */
export const plannedDelayMs = (run: Run, standby: Cluster | undefined): number | null =>
  standby === undefined ? null : (siteOf(run, standby)[1]?.delayMs ?? null);
