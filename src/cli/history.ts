import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Result, RunSummary } from '../core/result.js';
import { runSummary } from '../report/index.js';

/** The newest valid run of a drill beside this one, in a few numbers; null when there is none. */
export function previousSummary(reportsDir: string, drillId: string): RunSummary | null {
  if (!existsSync(reportsDir)) return null;
  const results = readdirSync(reportsDir)
    .map((name) => join(reportsDir, name, 'result.json'))
    .filter((path) => existsSync(path))
    .map((path) => JSON.parse(readFileSync(path, 'utf8')) as Result)
    .filter((result) => result.drill.id === drillId && result.valid)
    .sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
  const newest = results.at(-1);
  return newest === undefined ? null : runSummary(newest);
}
