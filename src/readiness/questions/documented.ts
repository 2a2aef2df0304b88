/** 5: plan and runbook are there, changed since the last structural finding. */
import { bi } from '../../core/text.js';
import { type Answered, allOf, answered, planPlace, type Question, showTime, unread } from '../answer.js';
import type { IssueRecord, ReadinessEvidence } from '../evidence.js';
import { planChangedMs } from '../plan-changed.js';

/** Findings that say something about the documents, not about a machine. */
const STRUCTURAL = ['document-outdated', 'phase-incomplete', 'role-unfilled', 'decision-without-decider'];

export const documented: Question = {
  number: 5,
  group: 'recovery',
  ask: bi('Is there detailed recovery documentation?', '是否有详细的恢复文档？'),
  answer: (evidence) => {
    const { planFile, issues } = evidence;
    if (planFile === null) return answered('unknown', NO_PLAN, planPlace(evidence));
    const runbooks = runbooksThere(evidence);
    if (runbooks.answer !== 'yes') return runbooks;
    if (!issues.read) return allOf([runbooks, unread(issues)]);
    return allOf([runbooks, changedSince(issues.value, evidence, issues.where)]);
  },
};

const NO_PLAN = bi('no recovery plan of your own was given: --plan FILE', '没有给出自己的恢复预案：--plan 文件');

function runbooksThere(evidence: ReadinessEvidence): Answered {
  const runbooks = evidence.paths.filter(({ role }) => role === 'runbook');
  if (runbooks.length === 0) {
    return answered(
      'no',
      bi('the plan names no runbook among its resources', '预案的资源中没有恢复操作手册'),
      planPlace(evidence),
    );
  }
  return allOf(
    runbooks.map(({ path, exists, why }) => {
      if (exists === null) return answered('unknown', why ?? bi('could not be looked at', '无法查看'), path);
      return exists
        ? answered('yes', bi('the runbook is there', '恢复操作手册存在'), path)
        : answered('no', bi('the runbook is not there', '恢复操作手册不存在'), path);
    }),
  );
}

function changedSince(issues: readonly IssueRecord[], evidence: ReadinessEvidence, where: string): Answered {
  const structural = issues.filter(({ rule }) => STRUCTURAL.includes(rule));
  if (structural.length === 0)
    return answered('yes', bi('no drill found fault with the documents', '没有演练指出文档的问题'), where);
  const lastMs = Math.max(...structural.map(({ seenMs }) => seenMs));
  const runbooks = evidence.paths.filter(({ role }) => role === 'runbook').map(({ changedMs }) => changedMs ?? 0);
  const changedMs = Math.max(planChangedMs(evidence) ?? 0, ...runbooks);
  const when = [showTime(lastMs), showTime(changedMs)];
  return changedMs > lastMs
    ? answered(
        'yes',
        bi(
          `changed ${when[1]}, after the last finding about them (${when[0]})`,
          `于 ${when[1]} 更新，晚于最近一次文档问题（${when[0]}）`,
        ),
        where,
      )
    : answered(
        'no',
        bi(
          `last changed ${when[1]}; a drill found fault with them at ${when[0]}`,
          `最近更新于 ${when[1]}；此后演练在 ${when[0]} 指出了文档问题`,
        ),
        where,
      );
}
