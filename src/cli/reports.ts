import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { WorldError } from '../core/errors.js';
import type { EventOf, JournalEvent, JournalReading } from '../core/journal.js';
import type { Measurements } from '../core/measurement.js';
import { type ExitId, exitCodeOf } from '../core/outcome.js';
import type { Result } from '../core/result.js';
import type { Review } from '../core/review.js';
import { bi } from '../core/text.js';
import { findIssues, reviewed, rulesPassed } from '../issues/index.js';
import { readJournal } from '../journal/index.js';
import { measure } from '../measure/index.js';
import { buildResult, renderAll } from '../report/index.js';
import { currentReview, readReview } from '../review/index.js';
import { score, verdict } from '../score/index.js';
import type { Context } from './context.js';

export interface Evaluation {
  readonly reading: JournalReading;
  readonly measurements: Measurements;
  readonly result: Result;
  readonly conditions: ReadonlySet<ExitId>;
}

/** journal and review → measure → score → find → result: the same for `run`, `score`, `report` and `recover`. */
export function evaluate(runDir: string): Evaluation {
  const reading = readJournal(join(runDir, 'journal.jsonl'));
  const opened = openedOf(reading.events, runDir);
  const review = reviewOf(runDir, opened);
  const measurements = measure(reading.events, review);
  const scored = score(measurements, opened);
  const issues = reviewed(findIssues(measurements, scored.score, opened), review);
  const passed = rulesPassed(measurements, scored.score, opened);
  const { outcome, conditions } = verdict(measurements, scored.score, opened);
  const result = buildResult({
    events: reading.events,
    measurements,
    ...scored,
    issues,
    outcome,
    exitCode: exitCodeOf(conditions),
    review,
    passed: new Set(passed.map(({ fingerprint }) => fingerprint)),
  });
  return { reading, measurements, result, conditions };
}

/** What people have added to the run so far; its first entry follows on the journal's first event. */
function reviewOf(runDir: string, { hash }: EventOf<'run.opened'>): Review | null {
  const reading = readReview(reviewPath(runDir), hash);
  return reading === null ? null : currentReview(reading);
}

export const reviewPath = (runDir: string): string => join(runDir, 'review.jsonl');

export function openedOf(
  events: readonly JournalEvent[],
  runDir: string,
): Extract<JournalEvent, { type: 'run.opened' }> {
  const first = events[0];
  if (first?.type === 'run.opened') return first;
  throw new WorldError({
    code: 'journal-empty',
    exit: 'file-invalid',
    message: bi(
      `The journal of ${runDir} does not begin with run.opened: there is nothing to report.`,
      `${runDir} 的日志不以 run.opened 开头：没有可报告的内容。`,
    ),
    hint: bi(
      'Was the run stopped before it began? Its terminal output says why.',
      '运行是否在开始前就停止了？其终端输出会说明原因。',
    ),
  });
}

/** Writes every report of the run; each appears whole or not at all, and one that fails does not keep the others off. */
export function writeReports(evaluation: Evaluation, dir: string): readonly string[] {
  mkdirSync(dir, { recursive: true });
  const failures: unknown[] = [];
  const names = renderAll({ result: evaluation.result, events: evaluation.reading.events }).map(
    ({ fileName, text }) => {
      try {
        const path = join(dir, fileName);
        writeFileSync(`${path}.tmp`, text);
        renameSync(`${path}.tmp`, path);
      } catch (error) {
        failures.push(error);
      }
      return fileName;
    },
  );
  if (failures.length > 0) throw failures[0];
  return names;
}

/** A run folder, from a folder or a run id below the reports folder. */
export function runDirOf(run: string, reportsDir: string, ctx: Context): string {
  const candidates = [resolve(ctx.cwd, run), resolve(ctx.cwd, reportsDir, run)];
  const found = candidates.find((dir) => existsSync(join(dir, 'journal.jsonl')));
  if (found !== undefined) return found;
  throw new WorldError({
    code: 'run-not-found',
    exit: 'usage',
    message: bi(
      `There is no run "${run}": neither ${candidates.join(' nor ')} holds a journal.jsonl.`,
      `没有名为 "${run}" 的运行：${candidates.join(' 和 ')} 中都没有 journal.jsonl。`,
    ),
    hint: bi(
      `Give a run folder, or a run id below ${reportsDir}/ (see \`ls ${reportsDir}\`).`,
      `请给出运行文件夹，或 ${reportsDir}/ 下的运行编号（见 \`ls ${reportsDir}\`）。`,
    ),
  });
}
