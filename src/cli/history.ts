import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Result, RunSummary } from '../core/result.js';

/** The newest finished run of a drill beside this one, in a few numbers; null when there is none. */
export function previousSummary(reportsDir: string, drillId: string): RunSummary | null {
  if (!existsSync(reportsDir)) return null;
  const results = readdirSync(reportsDir)
    .map((name) => join(reportsDir, name, 'result.json'))
    .filter((path) => existsSync(path))
    .map((path) => JSON.parse(readFileSync(path, 'utf8')) as Result)
    .filter((result) => result.drill.id === drillId)
    .sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
  const newest = results.at(-1);
  return newest === undefined ? null : summaryOf(newest);
}

function summaryOf(result: Result): RunSummary {
  const { target } = result.environment;
  const criteria = (result.score?.dimensions ?? []).flatMap((dimension) => dimension.criteria);
  return {
    runId: result.runId,
    startedAt: result.startedAt,
    outcome: result.outcome,
    percent: result.score?.percent ?? null,
    rubric: result.score?.rubric ?? null,
    rtoMs: result.objectives.find((objective) => objective.id === 'rto')?.measuredMs ?? null,
    lostRecords: result.loss?.records ?? null,
    topology: target === null ? 'none' : `${target.product} ${target.version}, ${target.nodes.length} nodes`,
    criteria: Object.fromEntries(criteria.map((criterion) => [criterion.id, criterion.earned])),
  };
}
