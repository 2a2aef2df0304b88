import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lastReview, previousSummary } from '../../src/cli/history.js';
import type { Result } from '../../src/core/result.js';
import { repo } from '../support/cli.js';

const SAMPLE = join(repo, 'reports', 'sample', 'result.json');
const sample: Result = JSON.parse(readFileSync(SAMPLE, 'utf8'));
const LATER = '2030-01-01T00:00:00Z';

let reports: string;
beforeEach(() => {
  reports = mkdtempSync(join(tmpdir(), 'firedrill-history-'));
});
afterEach(() => rmSync(reports, { recursive: true, force: true }));

function kept(as: string): void {
  mkdirSync(join(reports, as));
  cpSync(SAMPLE, join(reports, as, 'result.json'));
}

test('a report in a folder named for its run is the run before', () => {
  kept(sample.runId);
  expect(previousSummary(reports, sample.drill.id)?.runId).toBe(sample.runId);
  expect(lastReview(reports, sample.drill.id, LATER)).toMatchObject({ runId: sample.runId });
});

test('a copy under another name, as the sample that comes with Firedrill, is nobody’s run before', () => {
  kept('sample');
  expect(previousSummary(reports, sample.drill.id)).toBeNull();
  expect(lastReview(reports, sample.drill.id, LATER)).toBeNull();
});
