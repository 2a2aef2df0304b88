import { formatDuration } from '../core/duration.js';
import { describeError } from '../core/errors.js';
import type { BodyOf } from '../core/journal.js';
import { bi } from '../core/text.js';
import { armCanary, closeLedger, startTraffic } from './canary.js';
import { type ExecuteOptions, isOver, type Run } from './context.js';
import { observeRecovery } from './observe.js';
import { openRun } from './open-run.js';
import { runPhase } from './phase.js';
import { watchProblems } from './problems/problem-file.js';
import { type Left, putBack } from './put-back.js';
import { steadyAfter, steadyBefore } from './steady-state.js';
import { isDiskFailure, type StopReason } from './stop.js';
import { armSurroundings } from './surroundings.js';

const FLUSH_EVERY_MS = 1_000;

export interface RunEnd {
  readonly ending: BodyOf<'run.ended'>['ending'];
  /** Nothing that this run changed is still on. The caller's own records are not counted. */
  readonly clean: boolean;
  readonly left: Left;
  /** Why it ended before its plan did; null = it did not. */
  readonly stopped: StopReason | null;
}

/**
 * Plan → effects. Journals everything after `run.opened` up to and including `run.ended`, and never rejects for what
 * the world or a step did: whatever happens, the reverts are tried and the journal gets its end.
 *
 *   prepare → canaries, baseline, steady state → kickoff → execute → stable again → ledger → verify → steady state
 *     → canaries end → reverts, newest first → residue → review
 */
export async function executeDrill(options: ExecuteOptions): Promise<RunEnd> {
  const run = openRun(options);
  const closeWatches = openWatches(run);
  await guarded(run, 'drill', () => runDrill(run));
  // From here on nodes come and go by our own hand.
  await run.nodes.close();
  const left = await putBack(run);
  await guarded(run, 'review', () => runPhase(run, 'review'));
  await closeWatches();
  await run.journal.flush();
  return endRun(run, left);
}

/** `run.ended` is the last event: from here on nothing can stop the run any more. */
async function endRun(run: Run, left: Left): Promise<RunEnd> {
  run.stop.release();
  const ending = endingOf(run);
  run.journal.note({ type: 'run.ended', ending });
  const clean = left.length === 0;
  if (await run.journal.flush()) return { ending, clean, left, stopped: run.stop.reason() };
  return { ending: 'stopped', clean, left, stopped: run.stop.reason() ?? UNWRITTEN_END };
}

const UNWRITTEN_END: StopReason = {
  cause: 'disk',
  detail: bi('The end of the journal could not be written.', '日志的结尾无法写入。'),
};

async function runDrill(run: Run): Promise<void> {
  await refuseChangedTarget(run);
  if (!isOver(run)) await armSurroundings(run);
  if (!isOver(run)) await armCanary(run);
  await runPhase(run, 'prepare', async () => [
    ...(await startTraffic(run)),
    ...(isOver(run) ? [] : await steadyBefore(run)),
  ]);
  await runPhase(run, 'kickoff');
  await runPhase(run, 'execute', async () => {
    await run.timers.drain(run.stop.signal);
    return [];
  });
  if (!isOver(run)) await observeRecovery(run);
  if (!isOver(run)) await closeLedger(run);
  await runPhase(run, 'verify', () => steadyAfter(run));
}

/** A node that was replaced between plan and run is not the node that was agreed on. */
async function refuseChangedTarget(run: Run): Promise<void> {
  const changed = await run.nodes.changed(run.cluster?.binding.nodes ?? []).catch(describeError);
  if (changed !== null) run.stop.request({ cause: 'guard', detail: changed });
}

/** What escapes here is an error of ours: it is told, and the reverts go on. */
async function guarded(run: Run, where: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const message = describeError(error);
    if (run.stop.reason()?.cause !== 'disk') run.journal.note({ type: 'run.error', where, message });
    run.stop.request({ cause: isDiskFailure(error) ? 'disk' : 'error', detail: message });
  }
}

/** The run's own deadline, the disk, and problems from another terminal. Returns their end. */
function openWatches(run: Run): () => Promise<void> {
  const { clock } = run.services;
  const over = new AbortController();
  const { maxDurationMs } = run.drill.safety;
  const deadline = clock.sleep(maxDurationMs, over.signal).then(() => {
    if (over.signal.aborted) return;
    const limit = formatDuration(maxDurationMs);
    run.stop.request({
      cause: 'deadline',
      detail: bi(
        `The drill took longer than safety.maxDuration (${limit}).`,
        `演练超过了 safety.maxDuration（${limit}）。`,
      ),
    });
  });
  const flushing = flushRegularly(run, over.signal);
  const problems = watchProblems(run.stateDir, run.journal.note);
  return async () => {
    over.abort();
    await Promise.all([deadline, flushing, problems.close()]);
  };
}

async function flushRegularly(run: Run, over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    await run.services.clock.sleep(FLUSH_EVERY_MS, over);
    await run.journal.flush();
  }
}

/** A refusal is ours, and only while nothing was changed. */
function endingOf(run: Run): RunEnd['ending'] {
  const reason = run.stop.reason();
  if (reason === null) return 'completed';
  if (reason.cause === 'error') return 'error';
  const ours = reason.cause === 'guard' || reason.cause === 'step-failed';
  return ours && !run.progress.touched ? 'refused' : 'stopped';
}
