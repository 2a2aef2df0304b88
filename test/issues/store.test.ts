import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WorldError } from '../../src/core/errors.js';
import type { Issue } from '../../src/core/result.js';
import type { Review } from '../../src/core/review.js';
import {
  closeIssue,
  openIssueSummaries,
  type Proof,
  readIssueStore,
  recordReview,
  recordRun,
} from '../../src/issues/index.js';

let dir = '';
let path = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'firedrill-issues-'));
  path = join(dir, 'reports', 'issues.jsonl');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const issue = (rule: string, step: string | null = null): Issue => ({
  id: `FD-${rule}`,
  fingerprint: `d/${step ?? '-'}/${rule}`,
  priority: 'P1',
  title: { en: rule, zh: rule },
  detail: { en: '', zh: '' },
  rule,
  step,
  owner: 'CTO',
  due: null,
  status: 'new',
  seen: 1,
  firstSeenRun: 'r1',
  rootCause: null,
  actions: [],
  evidence: [1],
});
const run = (n: number, issues: readonly Issue[]) => ({
  runId: `r${n}`,
  startedAt: `2026-01-0${n}T00:00:00.000Z`,
  endedAt: `2026-01-0${n}T01:00:00.000Z`,
  drill: { id: 'd' },
  issues,
});
const byRun = (n: number, passed: readonly Issue[], valid = true): Proof => ({
  kind: 'run',
  runId: `r${n}`,
  startedAt: `2026-01-0${n}T00:00:00.000Z`,
  drillId: 'd',
  valid,
  passed: passed.map(({ fingerprint, rule, step }) => ({ fingerprint, rule, step })),
});
const refusal = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof WorldError) return error.code;
    throw error;
  }
  return 'not refused';
};

describe('the issue store', () => {
  it('is empty when there is no file, and writes none for nothing', () => {
    expect(readIssueStore(path)).toEqual([]);
    recordRun(path, run(1, []));
    expect(existsSync(path)).toBe(false);
  });

  it('knows an issue over several runs, and adds a run only once', () => {
    const rto = issue('rto-missed');
    expect(recordRun(path, run(1, [rto]))).toBe(1);
    expect(recordRun(path, run(1, [rto]))).toBe(0);
    recordRun(path, run(2, [{ ...rto, detail: { en: 'worse', zh: '更糟' } }]));
    expect(readIssueStore(path)).toMatchObject([
      { id: 'FD-rto-missed', status: 'open', seen: 2, runs: ['r1', 'r2'], lastSeenRun: 'r2', detail: { en: 'worse' } },
    ]);
    expect(openIssueSummaries(path, 'd')).toMatchObject([
      { id: 'FD-rto-missed', fingerprint: 'd/-/rto-missed', status: 'open', seen: 2, firstSeenRun: 'r1', due: null },
    ]);
    expect(openIssueSummaries(path, 'other')).toEqual([]);
  });

  it('only ever grows', () => {
    const rto = issue('rto-missed');
    recordRun(path, run(1, [rto]));
    const before = readFileSync(path, 'utf8');
    closeIssue(path, { id: rto.id, proof: byRun(2, [rto]) });
    expect(readFileSync(path, 'utf8').startsWith(before)).toBe(true);
  });

  it('does without a torn last line, and goes on after it', () => {
    recordRun(path, run(1, [issue('rto-missed')]));
    appendFileSync(path, '{"type":"seen","runId":"r');
    expect(readIssueStore(path)).toHaveLength(1);
    recordRun(path, run(2, [issue('data-lost')]));
    expect(readIssueStore(path).map((stored) => stored.rule)).toEqual(['rto-missed', 'data-lost']);
  });

  it('refuses a line broken in the middle', () => {
    recordRun(path, run(1, [issue('rto-missed')]));
    writeFileSync(path, `garbage\n${readFileSync(path, 'utf8')}`);
    expect(refusal(() => readIssueStore(path))).toBe('issues-broken');
  });
});

describe('closing', () => {
  const rto = issue('rto-missed');
  const problem = issue('problem-recorded', 'p1');
  beforeEach(() => void recordRun(path, run(2, [rto, problem])));

  it('takes a later valid run that passed the same rule', () => {
    expect(closeIssue(path, { id: rto.id, proof: byRun(3, [rto]), at: '2026-01-04T00:00:00.000Z' })).toMatchObject({
      status: 'closed',
      closed: { by: { verifiedByRun: 'r3' } },
    });
    expect(readIssueStore(path)[0]).toMatchObject({ status: 'closed', closed: { at: '2026-01-04T00:00:00.000Z' } });
    expect(openIssueSummaries(path, 'd')[0]?.status).toBe('closed');
  });

  it.each([
    ['an earlier run', byRun(1, [rto]), 'run-not-later'],
    ['the run that showed it', byRun(2, [rto]), 'run-not-later'],
    ['a run that was not valid', byRun(3, [rto], false), 'run-not-valid'],
    ['a run that did not pass the rule', byRun(3, []), 'rule-not-passed'],
    ['the same rule on another step', byRun(3, [issue('rto-missed', 'other')]), 'rule-not-passed'],
    ['a word, when a rule can tell', { kind: 'person', by: 'eve', evidence: 'looks fine' } as Proof, 'rule-can-retest'],
  ])('refuses %s', (_, proof, code) => {
    expect(refusal(() => closeIssue(path, { id: rto.id, proof }))).toBe(code);
    expect(readIssueStore(path)[0]?.status).toBe('open');
  });

  it('takes a person’s word with evidence only where no rule can tell', () => {
    expect(
      refusal(() => closeIssue(path, { id: problem.id, proof: { kind: 'person', by: 'eve', evidence: ' ' } })),
    ).toBe('evidence-missing');
    closeIssue(path, { id: problem.id, proof: { kind: 'person', by: 'eve', evidence: 'ticket 7' } });
    expect(readIssueStore(path)[1]).toMatchObject({
      status: 'closed',
      closed: { by: { name: 'eve', evidence: 'ticket 7' } },
    });
  });

  it('refuses what is unknown or closed', () => {
    expect(refusal(() => closeIssue(path, { id: 'FD-0', proof: byRun(3, [rto]) }))).toBe('issue-not-found');
    closeIssue(path, { id: rto.id, proof: byRun(3, [rto]) });
    expect(refusal(() => closeIssue(path, { id: rto.id, proof: byRun(3, [rto]) }))).toBe('issue-closed');
  });

  it('by a run is not undone by one that began before it and is recorded late', () => {
    closeIssue(path, { id: rto.id, proof: byRun(5, [rto]) });
    for (const n of [3, 4, 5]) recordRun(path, run(n, [{ ...rto, detail: { en: 'older', zh: '更早' } }]));
    expect(readIssueStore(path)[0]).toMatchObject({
      status: 'closed',
      seen: 4,
      lastSeenRun: 'r2',
      detail: { en: '' },
      closed: { by: { verifiedByRun: 'r5' } },
    });
    expect(openIssueSummaries(path, 'd')[0]?.status).toBe('closed');
    recordRun(path, run(6, [rto]));
    expect(readIssueStore(path)[0]).toMatchObject({ status: 'open', seen: 5, lastSeenRun: 'r6', closed: null });
  });

  it('by a person is not undone by a run that was over before', () => {
    const proof: Proof = { kind: 'person', by: 'eve', evidence: 'ticket 7' };
    closeIssue(path, { id: problem.id, proof, at: '2026-01-04T00:30:00.000Z' });
    recordRun(path, run(3, [problem]));
    expect(readIssueStore(path)[1]).toMatchObject({ status: 'closed', lastSeenRun: 'r2' });
    recordRun(path, run(4, [problem]));
    expect(readIssueStore(path)[1]).toMatchObject({ status: 'open', lastSeenRun: 'r4' });
  });

  it('is undone by a later run that shows it again, not by recording an older one', () => {
    closeIssue(path, { id: rto.id, proof: byRun(3, [rto]) });
    recordRun(path, run(1, [rto]));
    expect(readIssueStore(path)[0]).toMatchObject({ status: 'closed', seen: 2 });
    recordRun(path, run(4, [rto]));
    expect(readIssueStore(path)[0]).toMatchObject({ status: 'open', seen: 3, lastSeenRun: 'r4', closed: null });
  });

  it('keeps what reviews say of an issue: the newer cause, every action once', () => {
    const own = join(dir, 'reviewed.jsonl');
    const a = issue('rto-missed');
    recordRun(own, run(1, [a]));
    const said = (n: number) => ({ by: 'alice', at: `2026-01-0${n}T02:00:00.000Z`, runId: `r${n}`, entry: 1 });
    const review = (n: number, text: string, action: string): Review => ({
      ...{ entries: 2, head: '', lastAt: said(n).at, replaced: 0, broken: null },
      ...{ changed: [], kept: [], milestones: [], attendance: [] },
      rootCauses: [{ issue: a.id, text, ...said(n) }],
      actions: [{ issue: a.id, action, owner: 'bob', due: 'x', ...said(n) }],
    });
    expect(recordReview(own, 'r2', review(2, 'cause two', 'do two'))).toBe(1);
    expect(recordReview(own, 'r2', review(2, 'cause two', 'do two'))).toBe(0);
    // An older run that is reviewed late does not take the newer word away.
    expect(recordReview(own, 'r1', review(1, 'cause one', 'do one'))).toBe(1);
    // The next run shows the issue again: what was said of it stays.
    recordRun(own, run(3, [a]));
    expect(readIssueStore(own)).toMatchObject([{ rootCause: { text: 'cause two' }, seen: 2 }]);
    expect(openIssueSummaries(own, 'd')[0]?.actions?.map(({ action }) => action)).toEqual(['do two', 'do one']);
  });
});
