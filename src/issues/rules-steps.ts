import { flatSteps, type Verb } from '../core/drill.js';
import { showDuration } from '../core/duration.js';
import type { Evidence, StepMeasurement } from '../core/measurement.js';
import { type Bilingual, bi } from '../core/text.js';
import { fine, type IssueContext, type IssueRule, type Judgement } from './rule.js';

/** Much slower than planned: beyond its deadline, or this many times the expected time. */
const MUCH_SLOWER = 1.5;
const GROUP: Verb = 'parallel';

/** Steps that ran or should have run: not those a `when` left out, not those after the end of a run cut short. */
function steps({ m }: IssueContext): readonly StepMeasurement[] {
  return m.steps.filter((step) => step.verb !== GROUP && step.outcome !== 'not-applicable');
}

const ran = (context: IssueContext): readonly StepMeasurement[] =>
  steps(context).filter((step) => step.outcome !== 'skipped');

function found(step: StepMeasurement, title: Bilingual, detail: Bilingual): Judgement & { readonly found: true } {
  return { found: true, step: step.id, title, detail, evidence: step.evidence };
}

export const STEP_RULES: readonly IssueRule[] = [
  {
    id: 'step-failed',
    priority: 'P1',
    judge: (context) =>
      ran(context).flatMap((step): readonly Judgement[] => {
        if (step.outcome === 'pass') return [fine(step.id)];
        if (step.outcome !== 'fail' && step.outcome !== 'error') return [];
        const title = bi(`step ${step.id} failed`, `步骤 ${step.id} 失败`);
        const judgement = found(step, title, step.reason ?? bi('no reason was recorded', '未记录原因'));
        return [step.severity === null ? judgement : { ...judgement, priority: step.severity }];
      }),
  },
  {
    id: 'step-untold',
    priority: 'P2',
    judge: (context) =>
      ran(context).map((step): Judgement => {
        if (step.outcome !== 'unknown') return fine(step.id);
        const title = bi(`nobody can tell how step ${step.id} ended`, `步骤 ${step.id} 的结果无从得知`);
        return found(step, title, step.reason ?? bi('no reason was recorded', '未记录原因'));
      }),
  },
  {
    id: 'step-slow',
    priority: 'P2',
    judge: (context) =>
      timed(context).flatMap((timing): readonly Judgement[] => {
        const pace = paceOf(timing);
        if (pace === null) return [];
        if (pace !== 'much-slower') return [fine(timing.id)];
        const { id } = timing;
        return [foundSlow(timing, bi(`step ${id} was much slower than planned`, `步骤 ${id} 远慢于计划`))];
      }),
  },
  {
    id: 'step-slow-in-time',
    priority: 'P3',
    judge: (context) =>
      timed(context).flatMap((timing): readonly Judgement[] => {
        const pace = paceOf(timing);
        if (pace === null || pace === 'much-slower') return [];
        if (pace === 'on-time') return [fine(timing.id)];
        const { id } = timing;
        return [foundSlow(timing, bi(`step ${id} was slower than planned`, `步骤 ${id} 慢于计划`))];
      }),
  },
  {
    id: 'step-skipped',
    priority: 'P2',
    judge: (context) => {
      if (context.m.run.endedEarly) return [];
      const optional = new Set(
        flatSteps(context.opened.drill)
          .filter((r) => r.conditional)
          .map((r) => r.step.id),
      );
      return steps(context).flatMap((step): readonly Judgement[] => {
        if (step.outcome !== 'skipped') return [fine(step.id)];
        // A situation has a rule of its own.
        if (optional.has(step.id) || step.verb === 'situation') return [];
        const title = bi(`step ${step.id} was not run`, `步骤 ${step.id} 未执行`);
        return [found(step, title, step.reason ?? bi('no reason was recorded', '未记录原因'))];
      });
    },
  },
  {
    id: 'milestone-late',
    priority: 'P2',
    judge: ({ m }) =>
      m.milestones.flatMap((row): readonly Judgement[] => {
        const step = row.step ?? row.id;
        if (row.state === 'on-time') return [fine(step)];
        if (row.state !== 'late') return [];
        const title = bi(`milestone ${row.id} missed: ${row.title.en}`, `错过里程碑 ${row.id}：${row.title.zh}`);
        const actual = row.actualMs === null ? bi('not reached', '未达到') : sameInBoth(showDuration(row.actualMs));
        const planned = showDuration(row.plannedMs);
        const detail = bi(`planned ${planned}, actual ${actual.en}`, `计划 ${planned}，实际 ${actual.zh}`);
        return [{ found: true, step, title, detail, evidence: row.evidence }];
      }),
  },
  {
    id: 'milestone-open',
    priority: 'P2',
    judge: (context) => [...overdueNow(context), ...leftByLast(context)],
  },
];

/** The time of a milestone after the run had passed when the run was reviewed, and the review does not record it. */
const overdueNow = ({ m }: IssueContext): readonly Judgement[] =>
  m.milestones
    .filter(({ state }) => state === 'overdue')
    .map(({ id, title: what, evidence }) => {
      const title = bi(`milestone ${id} was not recorded: ${what.en}`, `里程碑 ${id} 未记录：${what.zh}`);
      const detail = bi('its time had passed when the run was reviewed', '复盘时已过其时限');
      return { found: true, step: id, title, detail, evidence };
    });

/** One issue for all that the drill before left open: it was not reviewed, or not to the end. */
function leftByLast({ m, opened }: IssueContext): readonly Judgement[] {
  const { last } = opened.history;
  if (last === undefined || last === null) return [];
  const left = last.openMilestones.map(({ id }) => id);
  const recorded = m.milestones.filter(({ id, state }) => !left.includes(id) && state !== 'overdue');
  const others = recorded.map(({ id }) => fine(id));
  if (left.length === 0) return [fine(null), ...others];
  const title = bi(
    `the drill before was never reviewed to the end: ${left.length} milestones open past their time`,
    `上一次演练没有完成复盘：${left.length} 个里程碑已过时限仍未记录`,
  );
  const detail = bi(`${last.runId}: ${left.join(', ')}`, `${last.runId}：${left.join('、')}`);
  return [{ found: true, step: null, title, detail, evidence: [opened.seq] }, ...others];
}

const sameInBoth = (text: string): Bilingual => bi(text, text);

/** What took how long, and how long it was to take. */
interface Timing {
  readonly id: string;
  readonly tookMs: number | null;
  readonly expectMs: number | null;
  readonly withinMs: number | null;
  readonly evidence: Evidence;
}

/** Steps, and the parts of a restore, each of which may have a planned time of its own. */
function timed(context: IssueContext): readonly Timing[] {
  const whole = ran(context).map(({ startMs, endMs, ...step }) => ({
    ...step,
    tookMs: startMs === null || endMs === null ? null : endMs - startMs,
  }));
  const parts = context.m.restores.flatMap(({ step, substeps }) =>
    substeps.map(({ name, ...part }) => ({ ...part, id: `${step}/${name}`, withinMs: null })),
  );
  return [...whole, ...parts];
}

function paceOf({ tookMs, expectMs, withinMs }: Timing): 'on-time' | 'slower' | 'much-slower' | null {
  if (tookMs === null || (expectMs === null && withinMs === null)) return null;
  if (withinMs !== null && tookMs > withinMs) return 'much-slower';
  if (expectMs === null || tookMs <= expectMs) return 'on-time';
  return tookMs > expectMs * MUCH_SLOWER ? 'much-slower' : 'slower';
}

function foundSlow({ id, tookMs, expectMs, withinMs, evidence }: Timing, title: Bilingual): Judgement {
  const show = (ms: number | null): string => (ms === null ? '–' : showDuration(ms));
  const [took, planned, deadline] = [show(tookMs), show(expectMs), show(withinMs)];
  const detail = bi(
    `took ${took}; planned ${planned}, deadline ${deadline}`,
    `用时 ${took}；计划 ${planned}，时限 ${deadline}`,
  );
  return { found: true, step: id, title, detail, evidence };
}
