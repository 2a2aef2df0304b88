import { isCanary } from '../core/canary.js';
import { type Drill, flatSteps, type TrafficSpec } from '../core/drill.js';
import { invariant } from '../core/errors.js';
import type { Outcome } from '../core/outcome.js';
import type { Traffic } from '../core/services.js';
import { bi } from '../core/text.js';
import { waitForBaseline } from './baseline.js';
import { clusterOf, type Run } from './context.js';
import { bounded } from './deadline.js';

export const CANARY = 'canary';
const START_WITHIN_MS = 30_000;
const LEDGER_WITHIN_MS = 60_000;
const END_WITHIN_MS = 10_000;
const GRACE_MS = 1_000;

/** Before anything of ours is registered, by the canary clients or by a functional probe. */
export async function armCanary(run: Run): Promise<void> {
  if (run.cluster === null) return;
  await run.undo.arm({ undoer: CANARY, step: 'traffic', nodes: [], data: { runId: run.runId } });
}

/** Starts the canary clients and waits for a good baseline; without one the drill is refused. */
export async function startTraffic(run: Run): Promise<readonly Outcome[]> {
  const { traffic: spec } = run.drill;
  if (run.cluster === null || spec === undefined) return [];
  const { clock } = run.services;
  const traffic = run.services.startTraffic({
    cluster: clusterOf(run),
    spec,
    watched: damagedServices(run.drill),
    runId: run.runId,
    clock,
    append: run.sink.append,
    toRunMs: run.journal.toRunMs,
  });
  run.progress.traffic = traffic;
  const started = await bounded(() => traffic.start(), {
    clock,
    withinMs: START_WITHIN_MS,
    parent: run.stop.signal,
    graceMs: GRACE_MS,
  });
  if (started.ended === 'stopped') return ['skipped'];
  const bad = started.ended === 'value' ? await waitForBaseline(run, traffic, spec) : startFailed(started);
  if (bad === null) return run.stop.signal.aborted ? ['skipped'] : ['pass'];
  run.stop.request({ cause: 'step-failed', detail: bad });
  return ['fail'];
}

/** Services named by a fault or a partial restore. */
function damagedServices(drill: Drill): readonly string[] {
  const named = flatSteps(drill).flatMap(({ step }) => {
    if (step.verb === 'inject') return typeof step.params.service === 'string' ? [step.params.service] : [];
    return step.verb === 'restore' ? (step.services ?? []) : [];
  });
  return [...new Set(named)].filter((service) => !isCanary(service));
}

const startFailed = (ended: { readonly ended: 'late' } | { readonly ended: 'thrown'; readonly error: unknown }) => {
  const why = ended.ended === 'late' ? `${START_WITHIN_MS} ms` : String(ended.error);
  return bi(`The canary clients could not start: ${why}`, `探测客户端无法启动：${why}`);
};

/** Writers end, what is in flight settles, every node is read. */
export async function closeLedger(run: Run): Promise<void> {
  const { traffic } = run.progress;
  const settleMs = run.drill.traffic?.settleMs;
  if (traffic === null || settleMs === undefined) return;
  const { clock } = run.services;
  const withinMs = settleMs + LEDGER_WITHIN_MS;
  const limits = { clock, withinMs, parent: run.stop.signal, graceMs: GRACE_MS };
  const ended = await bounded((signal) => settleAndRead(run, { traffic, settleMs }, signal), limits);
  if (ended.ended === 'thrown') throw ended.error;
  invariant(ended.ended !== 'late', `the ledger was not read within ${withinMs} ms`);
}

async function settleAndRead(
  run: Run,
  { traffic, settleMs }: { readonly traffic: Traffic; readonly settleMs: number },
  signal: AbortSignal,
): Promise<void> {
  const { clock } = run.services;
  await traffic.stopWriters();
  const fromMs = clock.monotonicMs();
  await clock.sleep(settleMs, signal);
  signal.throwIfAborted();
  run.journal.note({ type: 'ledger.settled', waitedMs: clock.monotonicMs() - fromMs });
  await traffic.readLedger();
}

/** Never rejects and never hangs: the reverts come next. */
export async function stopTraffic(run: Run): Promise<void> {
  const { traffic } = run.progress;
  if (traffic === null) return;
  const { clock } = run.services;
  const limits = { clock, withinMs: END_WITHIN_MS, parent: null, graceMs: GRACE_MS };
  const ended = await bounded(() => traffic.stop(), limits);
  if (ended.ended === 'value') return;
  const why = ended.ended === 'thrown' ? String(ended.error) : `${END_WITHIN_MS} ms`;
  run.journal.note({
    type: 'run.error',
    where: 'traffic',
    message: bi(`the canary clients did not end: ${why}`, `探测客户端未能结束：${why}`),
  });
}

/** Longest time between two attempts of the judged operations, from the rates alone. */
export const slowestGapMs = (spec: TrafficSpec): number =>
  Math.max(...[spec.writesPerSecond, spec.readsPerSecond].filter((rate) => rate > 0).map((rate) => 1_000 / rate), 0);
