/** Score and issues of the fixture run, by hand. */
import type { JournalEvent } from '../../src/core/journal.js';
import type { Issue, Score, ScoreCriterion } from '../../src/core/result.js';
import { bi } from '../../src/core/text.js';
import { seqsOf } from './journal.js';

const criterion = (
  id: string,
  title: readonly [string, string],
  points: readonly [number, number],
  more: Partial<ScoreCriterion> = {},
): ScoreCriterion => ({
  id,
  title: bi(...title),
  earned: points[0],
  possible: points[1],
  state: 'assessed',
  rule: bi('the share that holds, of all points', '按符合的比例给分'),
  source: 'ours',
  reason: points[0] === points[1] ? bi('everything held', '全部符合') : bi('one of five was late', '五项中有一项延迟'),
  evidence: [],
  ...more,
});

export function scoreOf(events: readonly JournalEvent[]): Score {
  const reads = seqsOf(events, (event) => event.type === 'ledger.read');
  return {
    earned: 87,
    assessable: 100,
    percent: 87,
    passMark: 80,
    rubric: 'default@1',
    dimensions: [
      {
        id: 'recovery-time',
        title: bi('Recovery time', '恢复时间'),
        earned: 30,
        possible: 30,
        criteria: [
          criterion('rto', ['Recovery time against the RTO', '恢复时间对照 RTO'], [30, 30], {
            source: 'seed §8.4',
            rule: bi('within RTO 30, up to 1.5 × RTO 20, more 10', 'RTO 内 30 分，1.5 倍内 20 分，超过 10 分'),
            evidence: seqsOf(events, (event) => event.type === 'fault.confirmed'),
          }),
        ],
      },
      {
        id: 'data-integrity',
        title: bi('Data integrity', '数据完整性'),
        earned: 15,
        possible: 25,
        criteria: [
          criterion('integrity', ['Data lost against the RPO', '数据丢失对照 RPO'], [15, 25], {
            source: 'seed §8.4',
            rule: bi('nothing lost 25, within RPO 15, beyond 5', '无丢失 25 分，RPO 内 15 分，超过 5 分'),
            reason: bi('2 records lost, within the RPO in time', '丢失 2 条，时间上在 RPO 之内'),
            evidence: reads,
          }),
        ],
      },
      {
        id: 'process',
        title: bi('Process', '流程'),
        earned: 22,
        possible: 25,
        criteria: [
          criterion('plan-followed', ['Plan followed', '按预案执行'], [8, 10]),
          criterion('roles', ['Roles', '角色'], [8, 8]),
          criterion('nothing-left-out', ['Nothing left out', '无遗漏'], [6, 7]),
        ],
      },
      {
        id: 'problem-handling',
        title: bi('Problem handling', '问题处理'),
        earned: 20,
        possible: 20,
        criteria: [
          criterion('solved-quickly', ['Problems solved quickly', '问题解决及时'], [8, 8]),
          criterion('fallback', ['Fallback at hand and working', '有可用的后备手段'], [6, 6]),
          criterion('decisions', ['Clear decisions', '决策清晰'], [6, 6]),
        ],
      },
    ],
  };
}

export const issuesOf = (events: readonly JournalEvent[], name: string): readonly Issue[] => [
  issue('FD-1a2b3c4d', 'P0', {
    rule: 'rpo-records-missed',
    step: 'wipe',
    title: bi('2 acknowledged records were lost', '丢失 2 条已确认的写入'),
    due: '2026-11-23T18:15:58+08:00',
    evidence: seqsOf(events, (event) => event.type === 'ledger.read'),
  }),
  issue('FD-99887766', 'P2', {
    rule: 'step-late',
    step: 'confirm-level',
    title: bi('confirm-level took longer than planned', 'confirm-level 超过计划用时'),
    detail: bi(`3 s instead of 2 s (${name})`, `3 秒，计划 2 秒（${name}）`),
    due: '2026-12-22T18:15:58+08:00',
    status: 'reopened',
    seen: 2,
  }),
  issue('FD-55443322', 'P3', {
    rule: 'manual-automatable',
    step: null,
    title: bi('A manual step could be automated', '有人工步骤可以自动化'),
  }),
];

const issue = (id: string, priority: Issue['priority'], more: Partial<Issue>): Issue => ({
  id,
  fingerprint: `etcd-leader-loss/${id}`,
  priority,
  title: bi(id, id),
  detail: bi('seen in this run', '本次运行所见'),
  rule: 'rule',
  step: null,
  owner: 'technical director',
  due: null,
  status: 'new',
  seen: 1,
  firstSeenRun: '20261122T101500Z-etcd-leader-loss-7f3a',
  rootCause: null,
  actions: [],
  evidence: [],
  ...more,
});
