import { resolve } from 'node:path';
import { systemClock } from '../../core/clock.js';
import { DRILL_KINDS, type DrillKind } from '../../core/drill.js';
import { type DrillDue, drillDue } from '../../core/drill-calendar.js';
import type { DrillInterval } from '../../core/recovery-plan.js';
import { type Bilingual, bi } from '../../core/text.js';
import type { RunRecord } from '../../readiness/index.js';
import type { Action } from '../command.js';
import type { Context } from '../context.js';
import { codeOf } from '../failure.js';
import { ownPlan } from '../readiness/own-plan.js';
import { readRuns } from '../readiness/runs.js';
import { table } from '../table.js';

interface Row {
  readonly kind: DrillKind;
  readonly every: DrillInterval;
  readonly due: DrillDue;
  readonly run: RunRecord | null;
}

/** `calendar`: what is due and overdue, from the recorded runs. Exit 1 when something is overdue. */
export const calendar: Action = async ({ ctx, options }) => {
  const { plan } = ownPlan(options.plan, ctx);
  const timeZone = plan.calendar?.timeZone ?? plan.workingHours?.timeZone ?? 'UTC';
  const nowMs = Date.parse(systemClock.wallIso());
  const runs = readRuns(resolve(ctx.cwd, String(options.out)), ctx);
  if (!runs.read) ctx.err(`! ${runs.where}: ${ctx.say(runs.why)}`);
  const valid = runs.read ? runs.value.filter((run) => run.valid) : [];
  const rows = DRILL_KINDS.flatMap((kind): readonly Row[] => {
    const every = plan.drillFrequency?.[kind];
    if (every === undefined) return [];
    const run = valid.findLast((each) => each.kind === kind) ?? null;
    return [{ kind, every, run, due: drillDue(run?.startedMs ?? null, every, { nowMs, timeZone }) }];
  });
  const overdue = rows.some(({ due }) => due.state === 'overdue');
  if (ctx.json) ctx.out(JSON.stringify({ schemaVersion: 1, timeZone, overdue, kinds: rows.map(jsonOf) }, null, 2));
  else if (rows.length === 0)
    ctx.out(ctx.say(bi('The plan says not how often drills are due.', '预案未规定演练频率。')));
  else ctx.out(tableOf(rows, timeZone, ctx));
  return overdue ? codeOf('missed') : 0;
};

const jsonOf = ({ kind, every, due, run }: Row): unknown => ({
  kind,
  every,
  state: due.state,
  last: run === null ? null : { runId: run.runId, drill: run.drill, at: new Date(run.startedMs).toISOString() },
  dueBy: due.byMs === null ? null : new Date(due.byMs).toISOString(),
});

function tableOf(rows: readonly Row[], timeZone: string, ctx: Context): string {
  const day = (ms: number): string => new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(ms);
  const head = [
    bi('kind', '类型'),
    bi('every', '频率'),
    bi('state', '状态'),
    bi('last valid run', '最近有效运行'),
    bi('due before', '应于此前完成'),
  ];
  const body = rows.map(({ kind, every, due, run }) => [
    ctx.say(KINDS[kind]),
    ctx.say(INTERVALS[every]),
    ctx.say(STATES[due.state]),
    run === null ? ctx.say(bi('never', '从未')) : `${day(run.startedMs)} ${run.drill}`,
    due.byMs === null ? '-' : day(due.byMs),
  ]);
  return table([head.map((text) => ctx.say(text)), ...body]);
}

const KINDS: Readonly<Record<DrillKind, Bilingual>> = {
  tabletop: bi('tabletop', '桌面推演'),
  partial: bi('partial', '局部演练'),
  'full-flow': bi('full-flow', '全流程演练'),
  'fault-injection': bi('fault-injection', '混沌工程'),
};

const INTERVALS: Readonly<Record<DrillInterval, Bilingual>> = {
  monthly: bi('month', '每月'),
  quarterly: bi('quarter', '每季度'),
  'half-yearly': bi('half-year', '每半年'),
  yearly: bi('year', '每年'),
};

const STATES: Readonly<Record<DrillDue['state'], Bilingual>> = {
  done: bi('✓ done', '✓ 已完成'),
  due: bi('! due', '! 到期'),
  overdue: bi('✗ overdue', '✗ 逾期'),
};
