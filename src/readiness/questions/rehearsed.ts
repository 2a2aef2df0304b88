/** 6, 7, 8: what valid runs have shown of the recovery. */
import { formatDuration, showDuration } from '../../core/duration.js';
import { bi } from '../../core/text.js';
import { type Answered, allOf, answered, planPlace, type Question, showTime, tierPlaces, unread } from '../answer.js';
import type { MeasuredObjective, ReadinessEvidence, RunRecord } from '../evidence.js';
import { bringsNothing, heldOf, heldText } from '../held.js';

const REHEARSALS = ['partial', 'full-flow'];

export const rehearsed: Question = {
  number: 6,
  group: 'recovery',
  ask: bi('Was the recovery rehearsed?', '是否演练过恢复流程？'),
  answer: ({ runs }) => {
    if (!runs.read) return unread(runs);
    if (runs.value.length === 0) return answered('unknown', NO_RUNS, runs.where);
    const tried = runs.value.filter(({ kind }) => REHEARSALS.includes(kind));
    const newest = tried.findLast(({ valid }) => valid);
    if (newest !== undefined) {
      const text = bi(
        `${newest.kind} drill ${newest.drill}, valid, ${showTime(newest.startedMs)}`,
        `${newest.drill}（${newest.kind}）有效运行于 ${showTime(newest.startedMs)}`,
      );
      return answered('yes', text, newest.where);
    }
    const text =
      tried.length === 0
        ? bi(
            `${runs.value.length} runs are recorded, none partial or full-flow`,
            `已记录 ${runs.value.length} 次运行，但没有局部或全流程演练`,
          )
        : bi(`none of ${tried.length} partial or full-flow runs is valid`, `${tried.length} 次局部或全流程演练均无效`);
    return answered('no', text, runs.where);
  },
};

const NO_RUNS = bi('no run is recorded', '没有任何运行记录');

export const withinRto: Question = {
  number: 7,
  group: 'recovery',
  ask: bi('Is the recovery time within the RTO?', '恢复时间是否满足 RTO？'),
  answer: (evidence) =>
    judged(evidence, { of: ({ rto }) => rto, limitMs: presetOf(evidence)?.rtoMs ?? null, name: 'RTO' }),
};

export const withinRpo: Question = {
  number: 8,
  group: 'recovery',
  ask: bi('Is the loss within the RPO?', '数据丢失是否在 RPO 内？'),
  answer: (evidence) => {
    const limitMs = presetOf(evidence)?.rpoMs ?? null;
    return allOf([
      judged(evidence, { of: ({ rpo }) => rpo, limitMs, name: 'RPO' }),
      archiveAge(evidence, limitMs),
      ...archiveHolds(evidence),
    ]);
  },
};

export const presetOf = ({ plan }: ReadinessEvidence) =>
  plan.readiness === undefined ? undefined : plan.presets[plan.readiness.objective];

interface Judged {
  readonly of: (run: RunRecord) => readonly MeasuredObjective[];
  /** Of the plan; null = it names none. */
  readonly limitMs: number | null;
  readonly name: string;
}

/** The newest valid run that measured it, against its own limit and the plan's. */
function judged({ runs }: ReadinessEvidence, { of, limitMs, name }: Judged): Answered {
  if (!runs.read) return unread(runs);
  const newest = runs.value.findLast((run) => run.valid && of(run).length > 0);
  if (newest === undefined) {
    return answered('unknown', bi(`no valid run has measured the ${name}`, `没有有效运行测量过 ${name}`), runs.where);
  }
  return allOf(of(newest).map((objective) => judgedOne(objective, { limitMs, name }, newest.where)));
}

function judgedOne(
  { measuredMs, limitMs: own, verdict }: MeasuredObjective,
  { limitMs, name }: Pick<Judged, 'limitMs' | 'name'>,
  where: string,
): Answered {
  if (measuredMs === null || verdict === 'unknown') {
    return answered('unknown', bi(`the ${name} could not be measured`, `未能测得 ${name}`), where);
  }
  const limit = Math.min(own, limitMs ?? own);
  const [took, allowed] = [showDuration(measuredMs), formatDuration(limit)];
  if (verdict === 'missed' || measuredMs > limit) {
    return answered('no', bi(`measured ${took}, allowed ${allowed}`, `实测 ${took}，允许 ${allowed}`), where);
  }
  return verdict === 'borderline'
    ? answered(
        'unknown',
        bi(`measured ${took}, too near ${allowed} to tell`, `实测 ${took}，与 ${allowed} 过近，无法判定`),
        where,
      )
    : answered('yes', bi(`measured ${took}, allowed ${allowed}`, `实测 ${took}，允许 ${allowed}`), where);
}

function archiveAge(evidence: ReadinessEvidence, limitMs: number | null): Answered {
  if (limitMs === null) {
    return answered(
      'unknown',
      bi('the plan names no objective for readiness', '预案未给出就绪检查的目标'),
      planPlace(evidence),
    );
  }
  const { tiers, nowMs } = evidence;
  const where = tierPlaces(evidence);
  const times = tiers.flatMap(({ archives }) => (archives.read ? archives.value.map(({ takenMs }) => takenMs) : []));
  if (times.length === 0) return answered('unknown', bi('no archive could be seen', '没有看到任何归档'), where);
  const ageMs = Math.max(0, nowMs - Math.max(...times));
  const [age, allowed] = [showDuration(ageMs), formatDuration(limitMs)];
  const text = bi(`the newest archive is ${age} old, allowed ${allowed}`, `最新归档距今 ${age}，允许 ${allowed}`);
  if (ageMs <= limitMs) return answered('yes', text, where);
  // A newer one may lie where nobody could look.
  return answered(tiers.every(({ archives }) => archives.read) ? 'no' : 'unknown', text, where);
}

/** However fresh: a backup that holds nothing of what the registry holds loses all of it. [] = nothing to compare. */
function archiveHolds(evidence: ReadinessEvidence): readonly Answered[] {
  const { target, tiers } = evidence;
  const held = heldOf(target, tiers);
  if (held === null) return [];
  const where = tierPlaces(evidence);
  if (!bringsNothing(held)) return [answered('yes', heldText(held), where)];
  // A newer one may lie where nobody could look.
  return [answered(tiers.every(({ archives }) => archives.read) ? 'no' : 'unknown', heldText(held), where)];
}
