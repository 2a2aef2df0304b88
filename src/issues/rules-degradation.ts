import { showDuration } from '../core/duration.js';
import { bi } from '../core/text.js';
import { fine, type IssueRule, type Judgement } from './rule.js';

/** A degradation level that helps nobody, or that comes too late to help. */
export const DEGRADATION_RULES: readonly IssueRule[] = [
  {
    id: 'degradation-unserved',
    priority: 'P1',
    judge: ({ m }) =>
      m.degradations.flatMap(({ step, level, servedMs, applications, evidence }): readonly Judgement[] => {
        if (servedMs !== null) return [fine(step)];
        if (!applications.some(({ operation }) => operation === 'discover')) return [];
        const title = bi(`nobody was served at degradation level ${level}`, `降级级别 ${level} 未能提供任何服务`);
        const detail = bi('no look-up found an address that is good', '没有任何一次查询得到有效地址');
        return [{ found: true, step, title, detail, evidence }];
      }),
  },
  {
    id: 'degradation-late',
    priority: 'P2',
    judge: ({ m }) =>
      m.degradations.flatMap(({ step, level, inTime, reachMs, planMs, evidence }): readonly Judgement[] => {
        if (inTime === null || reachMs === null || planMs === null) return [];
        if (inTime) return [fine(step)];
        const [took, planned] = [showDuration(reachMs), showDuration(planMs)];
        const title = bi(`degradation level ${level} was reached late`, `降级级别 ${level} 未能按时到达`);
        const detail = bi(`served after ${took}; the plan says ${planned}`, `用时 ${took}；预案为 ${planned}`);
        return [{ found: true, step, title, detail, evidence }];
      }),
  },
];
