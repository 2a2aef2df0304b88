import { join, resolve } from 'node:path';
import { systemClock } from '../../core/clock.js';
import { isChange } from '../../core/fault.js';
import { type ExitCode, type ExitId, exitCodeOf } from '../../core/outcome.js';
import type { Plan } from '../../core/plan.js';
import { bi } from '../../core/text.js';
import { changesSince, type FixedPlan, planDrill } from '../../drill/index.js';
import { newRunId, watchParent } from '../../run/index.js';
import { catalogs } from '../catalogs.js';
import type { Action, Call } from '../command.js';
import { checkConsent } from '../consent.js';
import type { Context } from '../context.js';
import type { DrillFile } from '../drill-file.js';
import { codeOf, reportFailure } from '../failure.js';
import { type Interrupts, listenForInterrupts, type StopReason } from '../interrupts.js';
import { peopleOf } from '../people/choose.js';
import { drillOrPlan } from '../plan-file.js';
import { patienceOf, printRefusals } from '../print-plan.js';
import { printVerdict, stillOnText } from '../print-verdict.js';
import { performRun } from '../run-flow.js';
import { endSession, openSession, type Session } from '../session.js';

/** `run FILE` or `run plan.json`: load → validate → plan → execute → journal → measure → score → find → report. */
export const run: Action = async (call) => {
  const { ctx } = call;
  const { file, fixed } = drillOrPlan(resolve(ctx.cwd, String(call.args[0])), ctx);
  const people = peopleOf(call, file.loaded.drill.roles);
  checkConsent(file.loaded.drill, call.options.confirm);
  const outDir = resolve(ctx.cwd, String(call.options.out));
  const runId = newRunId(systemClock, file.loaded.drill.id, Math.random);
  const live: { session: Session | null } = { session: null };
  const interrupts = interruptsOf(ctx, runId, live);
  const parent = watchParent({
    env: ctx.env,
    pid: process.pid,
    onLost: (detail) => interrupts.request({ cause: 'parent-lost', detail }),
  });
  try {
    const session = await openSession({
      ctx,
      runId,
      runDir: join(outDir, runId),
      target: file.loaded.drill.target,
      stop: interrupts.stop,
    });
    live.session = session;
    session.state.onAbort(() => interrupts.request(ABORTED));
    return await planAndRun({ call, file, fixed, people, session, runId, outDir, interrupts });
  } finally {
    parent.stop();
    interrupts.dispose();
  }
};

const ABORTED: StopReason = { cause: 'abort', detail: bi('`firedrill abort` was called', '执行了 `firedrill abort`') };

async function planAndRun(job: {
  readonly call: Call;
  readonly file: DrillFile;
  readonly fixed: FixedPlan | null;
  readonly people: ReturnType<typeof peopleOf>;
  readonly session: Session;
  readonly runId: string;
  readonly outDir: string;
  readonly interrupts: Interrupts;
}): Promise<ExitCode> {
  const { call, session, interrupts } = job;
  const { ctx } = call;
  const plan = await planOrRefuse(job, ctx);
  if (plan === null || interrupts.stop.aborted) {
    const clean = await endSession(session, ctx);
    if (clean) return codeOf('refused');
    ctx.err(ctx.say(stillOnText(job.runId)));
    return codeOf('still-on');
  }
  const done = await performRun({ ...job, ctx, plan }).catch((error: unknown) => ({ error }));
  if ('error' in done) {
    const code = reportFailure(done.error, ctx);
    if (await endSession(session, ctx)) return code;
    ctx.err(ctx.say(stillOnText(job.runId)));
    return codeOf('still-on');
  }
  const conditions = new Set<ExitId>([
    ...done.conditions,
    ...((await endSession(session, ctx, done.clean)) ? [] : (['still-on'] as const)),
  ]);
  const exitCode = exitCodeOf(conditions);
  printVerdict({ ctx, result: done.result, runDir: join(job.outDir, job.runId), exitCode });
  return exitCode;
}

async function planOrRefuse(
  { file, fixed, session }: { readonly file: DrillFile; readonly fixed: FixedPlan | null; readonly session: Session },
  ctx: Context,
): Promise<Plan | null> {
  const { faults } = catalogs(ctx);
  const planned = await planDrill({
    loaded: file.loaded,
    cluster: session.cluster,
    faults,
    patience: patienceOf(ctx),
  });
  const refusals = planned.ok ? (fixed === null ? [] : changesSince(fixed, planned.plan)) : planned.refusals;
  if (planned.ok && refusals.length === 0) return planned.plan;
  printRefusals(refusals, ctx);
  return null;
}

function interruptsOf(ctx: Context, runId: string, live: { readonly session: Session | null }): Interrupts {
  return listenForInterrupts({
    onFirst: (reason) => {
      const on = live.session?.state.outstanding().filter(isChange).length ?? 0;
      ctx.err(
        ctx.say(
          bi(
            `Stopping (${reason.detail.en}): undoing ${on} change(s), then the report.`,
            `正在停止（${reason.detail.zh}）：撤销 ${on} 项改动，然后写报告。`,
          ),
        ),
      );
    },
    onSecond: () => {
      const left = (live.session?.state.outstanding() ?? []).filter(isChange);
      for (const undo of left) ctx.err(`  ${undo.undoer} ${undo.nodes.join(', ')} (${undo.step})`);
      if (left.length > 0) ctx.err(ctx.say(stillOnText(runId)));
      process.exit(codeOf(left.length > 0 ? 'still-on' : 'second-interrupt'));
    },
  });
}
