import type { TrafficSpec } from '../core/drill.js';
import type { Traffic } from '../core/services.js';
import { judgedOperations } from './baseline.js';
import { slowestGapMs } from './canary.js';
import type { Run } from './context.js';

const LOOK_EVERY_MS = 100;

interface Look {
  readonly atMs: number;
  readonly counts: ReturnType<Traffic['counts']>;
}

/**
 * Keeps the writers on until the judged operations were stable for `stableFor`, so that a recovery that happened can
 * also be measured. Bounded: what has not come back by then was not recovered.
 */
export async function observeRecovery(run: Run): Promise<void> {
  const { traffic } = run.progress;
  const spec = run.drill.traffic;
  if (traffic === null || spec === undefined || !run.progress.touched) return;
  const { clock } = run.services;
  const neededMs = run.drill.objectives.stableForMs + spec.requestLimitMs + 3 * slowestGapMs(spec);
  const untilMs = clock.monotonicMs() + observeAtMostMs(neededMs, spec);
  const looks: Look[] = [];
  while (!run.stop.signal.aborted && clock.monotonicMs() < untilMs) {
    looks.push({ atMs: clock.monotonicMs(), counts: traffic.counts() });
    if (isStable(run, looks, neededMs)) return;
    await clock.sleep(LOOK_EVERY_MS, run.stop.signal);
  }
}

/** Owners notice a lost lease, and register again, within one lease. */
const observeAtMostMs = (neededMs: number, spec: TrafficSpec): number => 2 * neededMs + spec.leaseMs;

function isStable(run: Run, looks: readonly Look[], neededMs: number): boolean {
  const now = looks.at(-1);
  const since = looks.findLast((look) => now !== undefined && now.atMs - look.atMs >= neededMs);
  if (now === undefined || since === undefined) return false;
  return judgedOperations(run).every((op) => {
    const attempts = now.counts[op].attempts - since.counts[op].attempts;
    const ok = now.counts[op].ok - since.counts[op].ok;
    return attempts > 0 && ok / attempts >= run.drill.objectives.requiredRate;
  });
}
