/** The whole way after the journal: measure → score → find → report, on the fixture's journal and on its torn halves. */
import { describe, expect, it } from 'vitest';
import type { EventOf, JournalEvent } from '../../src/core/journal.js';
import { exitCodeOf } from '../../src/core/outcome.js';
import { findIssues } from '../../src/issues/index.js';
import { measure } from '../../src/measure/index.js';
import { buildResult, renderAll } from '../../src/report/index.js';
import { score, verdict } from '../../src/score/index.js';
import { fixture } from './fixture.js';

function reportsOf(events: readonly JournalEvent[]) {
  const opened = openedOf(events);
  const measurements = measure(events);
  const scored = score(measurements, opened);
  const { outcome, conditions } = verdict(measurements, scored.score, opened);
  const issues = findIssues(measurements, scored.score, opened);
  const exitCode = exitCodeOf(conditions);
  const result = buildResult({
    ...{ events, measurements, ...scored, issues, outcome, exitCode },
    review: null,
    passed: new Set(),
  });
  return { result, files: new Map(renderAll({ result, events }).map(({ fileName, text }) => [fileName, text])) };
}

function openedOf(events: readonly JournalEvent[]): EventOf<'run.opened'> {
  const [first] = events;
  if (first?.type !== 'run.opened') throw new Error('the fixture does not begin with run.opened');
  return first;
}

describe('journal → reports', () => {
  const { events } = fixture({ rate: 5 });

  it('prints what was measured, not what was written by hand', () => {
    const { result, files } = reportsOf(events);
    expect(result.faults.map((fault) => fault.name)).toEqual(['node.kill', 'registry.wipe']);
    expect(result.journal.attempts).toBe(events.filter((event) => event.type === 'attempt').length);
    for (const text of [files.get('report.html'), files.get('report.md')]) expect(text).toContain(result.headline.en);
  });

  it('gives a report wherever the journal breaks off, and says that it does', () => {
    const turns = events.flatMap((event, index) => (event.type === 'attempt' ? [] : [index + 1])).slice(0, -1);
    for (const length of turns) {
      const { result, files } = reportsOf(events.slice(0, length));
      expect(result.valid, `${length} events`).toBe(false);
      expect(files.get('report.md'), `${length} events`).toContain('the run ended early');
      expect(files.get('report.html')?.length, `${length} events`).toBeGreaterThan(20_000);
    }
  });
});
