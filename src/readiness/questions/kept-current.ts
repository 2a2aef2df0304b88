/** 11, 12: people who were reached lately, and a plan that is kept current. */
import { bi } from '../../core/text.js';
import { type Answered, allOf, answered, DAY_MS, planPlace, type Question, showTime, unread } from '../answer.js';
import type { ReadinessEvidence } from '../evidence.js';
import { isPlaceholder } from '../placeholder.js';
import { planChangedMs } from '../plan-changed.js';

const USUAL_WITHIN_MS = 90 * DAY_MS;
const confirmedWithinMs = ({ plan }: ReadinessEvidence): number => plan.readiness?.confirmedWithinMs ?? USUAL_WITHIN_MS;

export const contacts: Question = {
  number: 11,
  group: 'plan',
  ask: bi('Are there emergency contacts?', '是否有应急联系人？'),
  answer: (evidence) => allOf(Object.keys(evidence.plan.roles).map((role) => roleFilled(role, evidence))),
};

/** One who can be reached is enough for a role. */
function roleFilled(role: string, evidence: ReadinessEvidence): Answered {
  const where = planPlace(evidence);
  const holders = evidence.plan.contacts.filter((contact) => contact.role === role);
  const named = holders.filter(({ name, reach }) => !isPlaceholder(name) && !isPlaceholder(reach));
  if (named.length === 0)
    return answered('no', bi(`nobody is named for the role ${role}`, `角色 ${role} 没有指定人员`), where);
  const parts = named.map(({ name, confirmedAt }) =>
    confirmedLately({ name, confirmedAt: confirmedAt ?? null }, evidence),
  );
  return (
    parts.find(({ answer }) => answer === 'yes') ?? parts.find(({ answer }) => answer === 'unknown') ?? allOf(parts)
  );
}

/** Whether somebody was reached within the time that the plan allows. */
export function confirmedLately(
  { name, confirmedAt }: { readonly name: string; readonly confirmedAt: string | null },
  evidence: ReadinessEvidence,
): Answered {
  const where = planPlace(evidence);
  if (confirmedAt === null) {
    return answered(
      'unknown',
      bi(
        `nobody has noted when ${name} was last reached (confirmedAt)`,
        `没有记录最近一次确认 ${name} 的日期（confirmedAt）`,
      ),
      where,
    );
  }
  const ageMs = evidence.nowMs - Date.parse(confirmedAt);
  if (ageMs < -DAY_MS) {
    return answered(
      'no',
      bi(
        `${name} is said to have been reached on ${confirmedAt}, a day yet to come`,
        `${name} 的确认日期 ${confirmedAt} 尚未到来`,
      ),
      where,
    );
  }
  const text = bi(`${name} was last reached on ${confirmedAt}`, `${name} 最近一次确认于 ${confirmedAt}`);
  return answered(ageMs <= confirmedWithinMs(evidence) ? 'yes' : 'no', text, where);
}

export const current: Question = {
  number: 12,
  group: 'plan',
  ask: bi('Is the plan updated regularly?', '是否定期更新预案？'),
  answer: (evidence) => {
    const changedMs = planChangedMs(evidence);
    if (changedMs === null)
      return answered(
        'unknown',
        bi('the built-in plan is nobody’s own', '内置预案不是自己的预案'),
        planPlace(evidence),
      );
    return allOf([fresh(changedMs, evidence), afterGraveIssues(changedMs, evidence)]);
  },
};

const saidMs = ({ plan, nowMs }: ReadinessEvidence): number => {
  const said = plan.confirmed === undefined ? 0 : Date.parse(plan.confirmed.at);
  return said > nowMs ? 0 : said;
};

function fresh(changedMs: number, evidence: ReadinessEvidence): Answered {
  const where = planPlace(evidence);
  const newestMs = Math.max(changedMs, saidMs(evidence));
  const text = bi(
    `the plan was changed or confirmed ${showTime(newestMs)}`,
    `预案最近更新或确认于 ${showTime(newestMs)}`,
  );
  return answered(evidence.nowMs - newestMs <= confirmedWithinMs(evidence) ? 'yes' : 'no', text, where);
}

function afterGraveIssues(changedMs: number, evidence: ReadinessEvidence): Answered {
  const { issues } = evidence;
  if (!issues.read) return unread(issues);
  const grave = issues.value.filter(({ priority }) => priority === 'P0' || priority === 'P1');
  if (grave.length === 0)
    return answered('yes', bi('no drill has found a P0 or P1', '没有演练发现 P0 或 P1 问题'), issues.where);
  const newest = grave.reduce((a, b) => (b.seenMs > a.seenMs ? b : a));
  // A confirmation is of a day, so one of the same day may be after it.
  const later = changedMs > newest.seenMs || saidMs(evidence) + DAY_MS > newest.seenMs;
  const text = later
    ? bi(
        `changed or confirmed after ${newest.id} (${newest.priority})`,
        `在 ${newest.id}（${newest.priority}）之后更新或确认过`,
      )
    : bi(
        `neither changed nor confirmed since ${newest.id} (${newest.priority}, ${showTime(newest.seenMs)})`,
        `自 ${newest.id}（${newest.priority}，${showTime(newest.seenMs)}）以来未更新也未确认`,
      );
  return answered(later ? 'yes' : 'no', text, issues.where);
}
