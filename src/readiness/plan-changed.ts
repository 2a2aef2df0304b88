import type { ReadinessEvidence } from './evidence.js';

/**
 * When the plan got its present content. A checkout gives every file today's time, so a run that used the very same plan
 * earlier counts more than the file's own time. Null = the built-in plan.
 */
export function planChangedMs({ planFile, runs }: ReadinessEvidence): number | null {
  if (planFile === null) return null;
  const same = (runs.read ? runs.value : []).filter(({ planSha256 }) => planSha256 === planFile.sha256);
  return Math.min(planFile.changedMs, ...same.map(({ startedMs }) => startedMs));
}
