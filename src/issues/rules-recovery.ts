import { showDuration } from '../core/duration.js';
import { bi } from '../core/text.js';
import { revertedSteps } from './reverted.js';
import { fine, type IssueRule, type Judgement } from './rule.js';

/** Rules about faults, recovery time and what was left behind. */
export const RECOVERY_RULES: readonly IssueRule[] = [
  {
    id: 'not-recovered',
    priority: 'P0',
    judge: ({ m }) => {
      if (!m.validity.valid) return [];
      return m.faults.flatMap((fault): readonly Judgement[] => {
        const rows = m.recovery.filter((row) => row.step === fault.step);
        const dead = rows.filter((row) => row.state === 'not-recovered');
        if (dead.length === 0) {
          return rows.length > 0 && rows.every((row) => row.state === 'recovered') ? [fine(fault.step)] : [];
        }
        const operations = dead.map((row) => row.operation).join(', ');
        const title = bi(`not recovered after ${fault.name}`, `${fault.name} 之后未恢复`);
        const detail = bi(`${operations}: ${dead[0]?.why?.en ?? ''}`, `${operations}：${dead[0]?.why?.zh ?? ''}`);
        return [{ found: true, step: fault.step, title, detail, evidence: dead.flatMap((row) => row.evidence) }];
      });
    },
  },
  {
    id: 'revert-failed',
    priority: 'P0',
    judge: (context) => [
      ...context.m.safety.failedReverts.map(
        ({ step, detail, evidence }): Judgement => ({
          found: true,
          step,
          title: bi('an undo failed', '撤销失败'),
          detail,
          evidence,
        }),
      ),
      ...revertedSteps(context).map(fine),
    ],
  },
  {
    id: 'residue-left',
    priority: 'P0',
    judge: ({ m }) => {
      const { checked, left, evidence } = m.residue;
      if (!checked) return [];
      if (left.length === 0) return [fine(null)];
      const title = bi('something of the drill is still on', '演练造成的改动尚有残留');
      const detail = bi(left.map((row) => row.what.en).join('; '), left.map((row) => row.what.zh).join('；'));
      return [{ found: true, step: null, title, detail, evidence }];
    },
  },
  {
    id: 'rto-missed',
    priority: 'P1',
    judge: ({ m }) => {
      const rto = m.objectives.find((objective) => objective.id === 'rto');
      if (!m.validity.valid || rto === undefined || rto.verdict === 'unknown') return [];
      if (rto.verdict !== 'missed') return [fine(null)];
      const title = bi(`RTO of ${showDuration(rto.limit)} missed`, `未达到 ${showDuration(rto.limit)} 的 RTO`);
      return [{ found: true, step: null, title, detail: rto.why, evidence: rto.evidence }];
    },
  },
  {
    id: 'rto-borderline',
    priority: 'P3',
    judge: ({ m }) => {
      const rto = m.objectives.find((objective) => objective.id === 'rto');
      if (!m.validity.valid || rto === undefined || rto.verdict === 'unknown' || rto.verdict === 'missed') return [];
      if (rto.verdict === 'within') return [fine(null)];
      const title = bi('near miss: recovery time at the limit', '险些超时：恢复时间处于临界');
      return [{ found: true, step: null, title, detail: rto.why, evidence: rto.evidence }];
    },
  },
  {
    id: 'fault-no-effect',
    priority: 'P1',
    judge: ({ m }) =>
      m.faults.map((fault): Judgement => {
        if (fault.confirmed) return fine(fault.step);
        const title = bi(`${fault.name} had no confirmed effect`, `${fault.name} 的效果未得到确认`);
        return { found: true, step: fault.step, title, detail: fault.detail, evidence: fault.evidence };
      }),
  },
  {
    id: 'steady-state-lost',
    priority: 'P1',
    judge: ({ m }) => {
      const after = m.checks.filter((check) => check.place === 'steady-after');
      const bad = after.filter((check) => check.outcome !== 'pass');
      const [first] = bad;
      if (after.length === 0) return [];
      if (first === undefined) return [fine(null)];
      const title = bi('steady state does not hold after the drill', '演练之后稳态不成立');
      const detail = bi(`${first.probe}: ${first.detail.en}`, `${first.probe}：${first.detail.zh}`);
      return [{ found: true, step: null, title, detail, evidence: bad.flatMap((check) => check.evidence) }];
    },
  },
];
