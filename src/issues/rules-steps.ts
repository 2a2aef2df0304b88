import { flatSteps, type Verb } from '../core/drill.js';
import { showDuration } from '../core/duration.js';
import type { StepMeasurement } from '../core/measurement.js';
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
      ran(context).flatMap((step): readonly Judgement[] => {
        const pace = paceOf(step);
        if (pace === null) return [];
        if (pace !== 'much-slower') return [fine(step.id)];
        return [
          found(step, bi(`step ${step.id} was much slower than planned`, `步骤 ${step.id} 远慢于计划`), timesOf(step)),
        ];
      }),
  },
  {
    id: 'step-slow-in-time',
    priority: 'P3',
    judge: (context) =>
      ran(context).flatMap((step): readonly Judgement[] => {
        const pace = paceOf(step);
        if (pace === null || pace === 'much-slower') return [];
        if (pace === 'on-time') return [fine(step.id)];
        return [found(step, bi(`step ${step.id} was slower than planned`, `步骤 ${step.id} 慢于计划`), timesOf(step))];
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
];

const sameInBoth = (text: string): Bilingual => bi(text, text);

function tookMs({ startMs, endMs }: StepMeasurement): number | null {
  return startMs === null || endMs === null ? null : endMs - startMs;
}

function paceOf(step: StepMeasurement): 'on-time' | 'slower' | 'much-slower' | null {
  const took = tookMs(step);
  if (took === null || (step.expectMs === null && step.withinMs === null)) return null;
  if (step.withinMs !== null && took > step.withinMs) return 'much-slower';
  if (step.expectMs === null || took <= step.expectMs) return 'on-time';
  return took > step.expectMs * MUCH_SLOWER ? 'much-slower' : 'slower';
}

function timesOf(step: StepMeasurement): Bilingual {
  const show = (ms: number | null): string => (ms === null ? '–' : showDuration(ms));
  const took = show(tookMs(step));
  return bi(
    `took ${took}; planned ${show(step.expectMs)}, deadline ${show(step.withinMs)}`,
    `用时 ${took}；计划 ${show(step.expectMs)}，时限 ${show(step.withinMs)}`,
  );
}
