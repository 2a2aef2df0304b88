import { showDuration } from '../core/duration.js';
import type { ProblemMeasurement } from '../core/measurement.js';
import { bi } from '../core/text.js';
import { type CriterionRule, notApplicable, notAssessed, type ShareItem, shareOf } from './judged.js';

const NO_PROBLEM = notApplicable(bi('no problem was met or recorded', '未遇到或未记录任何问题'));

/** A level without a response time (P3: within working hours) asks only that it was solved. */
export const solvedQuickly: CriterionRule = ({ m }) => {
  if (m.problems.length === 0) return NO_PROBLEM;
  const items = m.problems.map((problem): ShareItem => {
    const { id, openedMs, solvedMs, responseMs, evidence } = problem;
    const tookMs = openedMs === null || solvedMs === null ? null : solvedMs - openedMs;
    if (tookMs === null) return { holds: false, why: bi(`${id} was not solved`, `${id} 未解决`), evidence };
    const why = bi(`${id} took ${showDuration(tookMs)}`, `${id} 用时 ${showDuration(tookMs)}`);
    return { holds: responseMs === null || tookMs <= responseMs, why, evidence };
  });
  return shareOf(items, bi('solved within the response time of their level', '均在其级别响应时间内解决'));
};

export const fallbackWorked: CriterionRule = ({ m }) => {
  if (m.problems.length === 0) return NO_PROBLEM;
  const told = m.problems.filter((problem) => problem.fallback !== null);
  if (told.length === 0) {
    return notAssessed(
      bi('no problem says whether a fallback was at hand', '没有问题记录是否有降级或备用方案'),
      seqs(m.problems),
    );
  }
  const items = told.map(({ id, fallback, evidence }): ShareItem => {
    return { holds: fallback === 'worked', why: bi(`${id}: the fallback failed`, `${id}：备用方案失效`), evidence };
  });
  return shareOf(items, bi('the fallbacks worked', '备用方案均奏效'));
};

export const decisionsClear: CriterionRule = ({ m }) => {
  if (m.problems.length === 0) return NO_PROBLEM;
  const items = m.problems.map(({ id, decision, evidence }): ShareItem => {
    const holds = decision !== null && decision.by.trim() !== '' && decision.reason.en.trim() !== '';
    return { holds, why: bi(`${id}: no decider or reason on record`, `${id}：没有记录决策人或理由`), evidence };
  });
  return shareOf(items, bi('decider and reason on record', '决策人与理由均有记录'));
};

const seqs = (problems: readonly ProblemMeasurement[]): readonly number[] => problems.flatMap((p) => p.evidence);
