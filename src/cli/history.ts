import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PastRecovery } from '../core/decision.js';
import type { LastReview, Result, RunSummary } from '../core/result.js';
import { runSummary } from '../report/index.js';

/** The newest valid run of a drill beside this one, in a few numbers; null when there is none. */
export function previousSummary(reportsDir: string, drillId: string): RunSummary | null {
  const newest = resultsOf(reportsDir, drillId)
    .filter((result) => result.valid)
    .at(-1);
  return newest === undefined ? null : runSummary(newest);
}

/** What the run before left to do: its review, and the milestones that it left open and whose time has passed. */
export function lastReview(reportsDir: string, drillId: string, nowIso: string): LastReview | null {
  const newest = resultsOf(reportsDir, drillId).at(-1);
  if (newest === undefined) return null;
  return {
    runId: newest.runId,
    startedAt: newest.startedAt,
    review: newest.review ?? null,
    openMilestones: openMilestones(newest, nowIso),
  };
}

/** Milestones after the end of the run, past their time, that nobody has recorded. */
const openMilestones = ({ milestones }: Result, nowIso: string): LastReview['openMilestones'] =>
  milestones.flatMap(({ id, title, dueAt, state }) => {
    const open = state === 'open' || state === 'overdue';
    return open && typeof dueAt === 'string' && dueAt < nowIso ? [{ id, title, dueAt }] : [];
  });

/** In the order of their start. */
function resultsOf(reportsDir: string, drillId: string): readonly Result[] {
  return resultsIn(reportsDir)
    .filter((result) => result.drill.id === drillId)
    .sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
}

/** What earlier runs on this product measured of restarts and whole restores, newest first. */
export const pastRecoveries = (reportsDir: string, product: string): readonly PastRecovery[] =>
  resultsIn(reportsDir)
    .filter((result) => result.environment.target?.product === product)
    .sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1))
    .flatMap(recoveriesOf);

const RESTART = /^node\.(?:start|restart|resume)\b/;

function recoveriesOf({ runId, steps, plannedSteps, restores }: Result): readonly PastRecovery[] {
  return steps.flatMap(({ id: step, verb, outcome, startMs, endMs }): readonly PastRecovery[] => {
    if (outcome !== 'pass' || startMs === null || endMs === null) return [];
    const tookMs = endMs - startMs;
    const planned = plannedSteps.find(({ id }) => id === step)?.summary.en ?? '';
    if (verb === 'recover' && RESTART.test(planned)) return [{ runId, step, kind: 'restart', tookMs }];
    const whole = restores.some((restore) => restore.step === step && restore.scope === 'all');
    return verb === 'restore' && whole ? [{ runId, step, kind: 'restore', tookMs }] : [];
  });
}

/** A folder that is not named for its run, as the sample report's, is a copy: nobody ran it here. */
function resultsIn(reportsDir: string): Result[] {
  if (!existsSync(reportsDir)) return [];
  return readdirSync(reportsDir).flatMap((name) => {
    const path = join(reportsDir, name, 'result.json');
    if (!existsSync(path)) return [];
    const result = JSON.parse(readFileSync(path, 'utf8')) as Result;
    return result.runId === name ? [result] : [];
  });
}
