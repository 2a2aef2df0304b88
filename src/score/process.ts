import { flatSteps, type Verb } from '../core/drill.js';
import type { StepMeasurement } from '../core/measurement.js';
import { holdsRole } from '../core/roles.js';
import { type Bilingual, bi } from '../core/text.js';
import {
  type CriterionRule,
  notApplicable,
  notAssessed,
  type ScoreContext,
  type ShareItem,
  shareOf,
} from './judged.js';

/** Verbs that a person carries out: what an answers file does in their place proves nothing about people. */
const BY_PEOPLE: ReadonlySet<Verb> = new Set(['manual', 'document', 'situation']);

const SCRIPTED = bi(
  'answered from an answers file: it proves the tool, not people',
  '由答案文件作答：只能证明工具，不能证明人员',
);

export const planFollowed: CriterionRule = (context) => {
  const { m } = context;
  const lateMilestones = new Set(m.milestones.filter((row) => row.state === 'late').map((row) => row.id));
  const outOfOrder = stepsOutOfOrder(context);
  const planned = plannedSteps(context).filter(
    (step) => step.expectMs !== null || step.withinMs !== null || step.milestone !== null,
  );
  if (planned.length === 0) {
    return notAssessed(bi('no step has a planned time, deadline or milestone', '没有步骤设置计划用时、时限或里程碑'));
  }
  const timed = planned.filter((step) => !(m.people.scripted && BY_PEOPLE.has(step.verb)));
  if (timed.length === 0) return notAssessed(SCRIPTED);
  const items = timed.map((step): ShareItem => {
    const wrong = wrongWith(step, { lateMilestones, outOfOrder });
    const why = bi(`${step.id} ${wrong?.en ?? ''}`, `${step.id} ${wrong?.zh ?? ''}`);
    return { holds: wrong === null, why, evidence: step.evidence };
  });
  return shareOf(items, bi('in order and on time', '按序且按时'));
};

function wrongWith(
  step: StepMeasurement,
  known: { readonly lateMilestones: ReadonlySet<string>; readonly outOfOrder: ReadonlySet<string> },
): Bilingual | null {
  if (step.outcome === 'skipped') return bi('was not run', '未执行');
  if (step.outcome !== 'pass') return bi(`ended with ${step.outcome}`, `结果为 ${step.outcome}`);
  if (step.late) return bi('took longer than planned', '超过计划时间');
  if (step.milestone !== null && known.lateMilestones.has(step.milestone)) {
    return bi(`missed milestone ${step.milestone}`, `错过里程碑 ${step.milestone}`);
  }
  return known.outOfOrder.has(step.id) ? bi('was out of order', '未按顺序执行') : null;
}

/** A step is out of order when one that stands before it in the plan began later; groups run side by side. */
function stepsOutOfOrder({ m, opened }: ScoreContext): ReadonlySet<string> {
  const inGroup = new Set(
    flatSteps(opened.drill).flatMap(({ step }) => (step.verb === 'parallel' ? step.steps.map((s) => s.id) : [])),
  );
  const early = new Set<string>();
  let latestMs = Number.NEGATIVE_INFINITY;
  for (const step of m.steps) {
    if (step.startMs === null || inGroup.has(step.id)) continue;
    if (step.startMs < latestMs) early.add(step.id);
    latestMs = Math.max(latestMs, step.startMs);
  }
  return early;
}

export const rolesKept: CriterionRule = ({ m, opened }) => {
  const named = m.steps.filter((step) => step.by !== null && BY_PEOPLE.has(step.verb) && step.outcome !== 'skipped');
  if (named.length === 0) return notApplicable(bi('no step names a person', '没有步骤指定人员'));
  if (m.people.scripted) {
    return notAssessed(SCRIPTED);
  }
  const { roles } = opened.drill;
  const items = named.map(({ id, by, answeredBy, evidence }): ShareItem => {
    const holds = by !== null && answeredBy !== null && holdsRole(roles, by, answeredBy) === true;
    const who = answeredBy ?? '–';
    return { holds, why: bi(`${id}: ${by}, answered by ${who}`, `${id}：应由 ${by}，实际 ${who}`), evidence };
  });
  return shareOf(items, bi('each by a person who holds the role', '均由担任该角色的人员完成'));
};

export const nothingLeftOut: CriterionRule = (context) => {
  const steps = plannedSteps(context).map((step): ShareItem => {
    const why = bi(`${step.id} was not run`, `${step.id} 未执行`);
    return { holds: step.outcome !== 'skipped', why, evidence: step.evidence };
  });
  const contents = context.m.contents.map(({ present, text, evidence }): ShareItem => {
    return { holds: present, why: bi(`missing: ${text.en}`, `缺少：${text.zh}`), evidence };
  });
  const items = [...steps, ...contents];
  return items.length === 0
    ? notAssessed(bi('nothing was planned', '没有计划内容'))
    : shareOf(items, bi('every planned step was run', '计划步骤全部执行'));
};

/** Without the steps that a `when` rightly left out, and without groups, whose members count. */
function plannedSteps({ m, opened }: ScoreContext): readonly StepMeasurement[] {
  const conditional = new Set(
    flatSteps(opened.drill)
      .filter((row) => row.conditional)
      .map((row) => row.step.id),
  );
  return m.steps
    .filter((step) => step.verb !== 'parallel')
    .filter((step) => step.outcome !== 'not-applicable' && !(step.outcome === 'skipped' && conditional.has(step.id)));
}
