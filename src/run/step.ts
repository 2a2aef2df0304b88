import type { Condition, PhaseName, Step, Verb } from '../core/drill.js';
import { formatDuration } from '../core/duration.js';
import { describeError, WorldError } from '../core/errors.js';
import { type Outcome, worstOutcome } from '../core/outcome.js';
import { type Bilingual, bi } from '../core/text.js';
import type { Run } from './context.js';
import { type Bounded, bounded } from './deadline.js';
import { afterStep } from './step-policy.js';
import { perform } from './steps/index.js';
import type { StepResult } from './steps/result.js';
import { isDiskFailure } from './stop.js';

/** How long a cancelled step may take to end. What changes the world ends by its own limits, never half-way. */
const GRACE_MS: Readonly<Record<Verb, number>> = {
  inject: 90_000,
  heal: 90_000,
  recover: 90_000,
  restore: 90_000,
  parallel: 95_000,
  backup: 10_000,
  decide: 5_000,
  degrade: 90_000,
  run: 10_000,
  check: 1_000,
  manual: 1_000,
  document: 1_000,
  situation: 1_000,
  problem: 1_000,
  wait: 1_000,
};

export interface StepPlace {
  readonly phase: PhaseName;
  /** Ends the step: the stop of the run, or the deadline of the group it is in. */
  readonly signal: AbortSignal;
}

/** One step with its events. Never rejects; every step that started has ended. */
export async function runStep(run: Run, step: Step, at: StepPlace): Promise<Outcome> {
  const { clock } = run.services;
  const startedMs = clock.monotonicMs();
  noteStarted(run, step, at.phase);
  const skipped = whySkipped(run, step, at);
  const result = skipped === null ? await limited(run, step, at) : ({ outcome: 'skipped', reason: skipped } as const);
  const { outcome, reason } = result;
  run.progress.outcomes.set(step.id, outcome);
  run.journal.note({
    type: 'step.ended',
    step: step.id,
    outcome,
    reason,
    tookMs: clock.monotonicMs() - startedMs,
    answeredBy: result.answeredBy ?? null,
  });
  run.problems.onEnded(step, outcome);
  afterStep(run, { step, phase: at.phase, result });
  return outcome;
}

function noteStarted(run: Run, step: Step, phase: PhaseName): void {
  run.journal.note({
    type: 'step.started',
    step: step.id,
    phase,
    verb: step.verb,
    title: step.title ?? null,
    by: step.by ?? null,
    withinMs: step.withinMs ?? null,
    expectMs: step.expectMs ?? null,
    milestone: step.milestone ?? null,
    severity: step.severity ?? null,
  });
}

function whySkipped(run: Run, step: Step, at: StepPlace): Bilingual | null {
  const stopped = run.stop.reason();
  if (stopped !== null) return stoppedBecause(stopped.detail);
  if (run.progress.gaveUp !== null) {
    const why = run.progress.gaveUp;
    return bi(`left out because a fault did not take effect: ${why.en}`, `因故障未生效而略过：${why.zh}`);
  }
  if (at.signal.aborted) return bi('the time of its group was over', '所在并行组已超时');
  if (step.when === undefined) return null;
  if ('decision' in step.when) return whyNotDecided(run, step.when);
  const { step: of, is } = step.when;
  const was = run.progress.outcomes.get(of);
  if (was === is) return null;
  return bi(
    `only when ${of} is ${is}; it is ${was ?? 'not done'}`,
    `仅当 ${of} 为 ${is} 时执行；实际为 ${was ?? '未执行'}`,
  );
}

function whyNotDecided(
  run: Run,
  { decision, is }: Extract<Condition, { readonly decision: string }>,
): Bilingual | null {
  const came = run.progress.decisions.get(decision);
  if (came !== undefined && is.includes(came)) return null;
  const wanted = is.join(' / ');
  return bi(
    `only when ${decision} comes to ${wanted}; it came to ${came ?? 'no decision'}`,
    `仅当 ${decision} 的结果为 ${wanted} 时执行；实际为 ${came ?? '未做出决策'}`,
  );
}

const stoppedBecause = (detail: Bilingual): Bilingual =>
  bi(`the drill was stopped: ${detail.en}`, `演练已停止：${detail.zh}`);

async function limited(run: Run, step: Step, at: StepPlace): Promise<StepResult> {
  const startedMs = run.services.clock.monotonicMs();
  const ended = await bounded((signal) => actOn(run, step, { phase: at.phase, signal }), {
    clock: run.services.clock,
    // A check's `within` is how long it polls: it ends by itself.
    withinMs: step.verb === 'check' ? null : (step.withinMs ?? null),
    parent: at.signal,
    graceMs: GRACE_MS[step.verb],
  });
  return resultOf(run, { step, ended, tookMs: run.services.clock.monotonicMs() - startedMs });
}

/** A group runs side by side and ends with its slowest member. */
async function actOn(run: Run, step: Step, at: StepPlace): Promise<StepResult> {
  if (step.verb !== 'parallel') return perform(run, step, at.signal);
  const outcomes = await Promise.all(step.steps.map((member) => runStep(run, member, at)));
  return { outcome: worstOutcome(outcomes), reason: null };
}

function resultOf(
  run: Run,
  on: { readonly step: Step; readonly ended: Bounded<StepResult>; readonly tookMs: number },
): StepResult {
  const { step, ended } = on;
  switch (ended.ended) {
    case 'value':
      return ended.value;
    case 'thrown':
      return thrownResult(run, step, ended.error);
    case 'late': {
      const limit = formatDuration(step.withinMs ?? on.tookMs);
      return { outcome: 'fail', reason: bi(`not done within ${limit}`, `未能在 ${limit} 内完成`) };
    }
    case 'stopped': {
      const stop = run.stop.reason();
      if (stop !== null) return { outcome: 'skipped', reason: stoppedBecause(stop.detail) };
      return { outcome: 'fail', reason: bi('the time of its group was over', '所在并行组已超时') };
    }
  }
}

function thrownResult(run: Run, step: Step, error: unknown): StepResult {
  const reason = describeError(error);
  if (error instanceof WorldError) return { outcome: 'fail', reason };
  run.journal.note({ type: 'run.error', where: step.id, message: reason });
  const cause = isDiskFailure(error) ? 'disk' : 'error';
  return {
    outcome: 'error',
    reason,
    thenStop: { cause, detail: bi(`${step.id}: ${reason.en}`, `${step.id}：${reason.zh}`) },
  };
}
