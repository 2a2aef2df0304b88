/** The review file: chained by hash, signed, only ever added to; and what it changes in what is measured. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InputError } from '../../src/core/errors.js';
import type { MilestoneMeasurement } from '../../src/core/measurement.js';
import type { ReviewBody } from '../../src/core/review.js';
import {
  appendReview,
  checkDraft,
  currentReview,
  type ReviewDraft,
  type ReviewFacts,
  readReview,
  readReviewAnswers,
} from '../../src/review/index.js';

let dir = '';
let path = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'firedrill-review-'));
  path = join(dir, 'review.jsonl');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const anchor = 'a'.repeat(64);
const add = (bodies: readonly ReviewBody[], by = 'alice', at = '2026-11-24T08:00:00.000Z'): void =>
  appendReview(path, bodies, { anchor, signature: { at, by, runId: 'r1', journal: 'j' } });
const now = () => {
  const reading = readReview(path, anchor);
  return reading === null ? null : currentReview(reading);
};
const kept = (text: string): ReviewBody => ({ type: 'kept', text });

describe('a review', () => {
  it('is not there before somebody adds to it', () => {
    expect(readReview(path, anchor)).toBeNull();
  });

  it('keeps every word with its name and time, and of two about the same thing the newer', () => {
    add([{ type: 'root-cause', issue: 'FD-1', text: 'old' }, kept('standard')]);
    add([{ type: 'root-cause', issue: 'FD-1', text: 'new' }], 'bob', '2026-11-25T08:00:00.000Z');
    const review = now();
    expect(review).toMatchObject({ entries: 3, replaced: 1, broken: null, lastAt: '2026-11-25T08:00:00.000Z' });
    expect(review?.rootCauses).toEqual([
      { issue: 'FD-1', text: 'new', by: 'bob', at: '2026-11-25T08:00:00.000Z', runId: 'r1', entry: 3 },
    ]);
    expect(review?.kept).toMatchObject([{ text: 'standard', by: 'alice', entry: 2 }]);
  });

  it('tells a change of any one byte, and believes nothing from there on', () => {
    add([kept('one'), kept('two'), kept('three')]);
    const whole = readFileSync(path);
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = Buffer.from(whole);
        changed[at] = (changed[at] ?? 0) ^ flip;
        writeFileSync(path, changed);
        const reading = readReview(path, anchor);
        const line = whole.subarray(0, at).toString('latin1').split('\n').length;
        // The last line end alone may look like a line that was never finished.
        if (reading?.broken === null)
          return reading.entries.length === 2 && reading.tornBytes > 0 && at === whole.length - 1;
        return reading?.broken?.line !== undefined && reading.broken.line <= line && reading.entries.length < line;
      }),
      { numRuns: 300 },
    );
  });

  it('of another run is not this run’s', () => {
    add([kept('one')]);
    expect(readReview(path, 'b'.repeat(64))).toMatchObject({ entries: [], broken: { line: 1 } });
  });

  it('goes on after a line that was never finished, and not after one that was changed', () => {
    add([kept('one')]);
    appendFileSync(path, '{"seq":2,"type":"kept","te');
    expect(readReview(path, anchor)).toMatchObject({ broken: null, tornBytes: 26 });
    add([kept('two')]);
    expect(now()?.kept.map(({ text }) => text)).toEqual(['one', 'two']);
    writeFileSync(path, readFileSync(path, 'utf8').replace('"one"', '"One"'));
    expect(() => add([kept('three')])).toThrow(/line 1 does not fit its own hash/);
  });
});

const milestone = (
  id: string,
  state: MilestoneMeasurement['state'],
  actualMs: number | null,
): MilestoneMeasurement => ({
  ...{ id, state, actualMs, title: { en: id, zh: id }, plannedMs: 0, dueAt: null },
  ...{ reviewed: null, step: null, evidence: [] },
});
const facts: ReviewFacts = {
  issues: [
    { id: 'FD-11111111', owner: 'CTO', due: '2026-11-29T18:15:00+08:00' },
    { id: 'FD-22222222', owner: 'duty', due: null },
  ],
  milestones: [milestone('T+0', 'on-time', 0), milestone('T+24h', 'open', null), milestone('T+2h', 'overdue', null)],
  roles: ['commander'],
  timeZone: 'Asia/Shanghai',
  startedAt: '2026-11-22T10:00:00.000Z',
  endedAt: '2026-11-22T10:15:00.000Z',
  nowMs: Date.parse('2026-11-24T00:00:00.000Z'),
};

describe('what is recorded', () => {
  it.each<{ draft: ReviewDraft; body: object }>([
    {
      draft: { type: 'action', issue: 'FD-11111111', action: 'fix' },
      body: { owner: 'CTO', due: '2026-11-29T18:15:00+08:00' },
    },
    {
      draft: { type: 'action', issue: 'FD-22222222', action: 'fix', owner: 'bob', due: '2026-12-01' },
      body: { owner: 'bob', due: '2026-12-01T23:59:59+08:00' },
    },
    {
      draft: { type: 'milestone', milestone: 'T+24h', at: '2026-11-23T09:30' },
      body: { reachedAt: '2026-11-23T09:30:00+08:00' },
    },
    {
      draft: { type: 'milestone', milestone: 'T+2h', at: '2026-11-23T09:30:00Z' },
      body: { reachedAt: '2026-11-23T17:30:00+08:00' },
    },
    { draft: { type: 'milestone', milestone: 'T+24h', at: 'now' }, body: { reachedAt: '2026-11-24T08:00:00+08:00' } },
    { draft: { type: 'changed', what: 'backup-policy', text: 'x' }, body: { where: null } },
    { draft: { type: 'attended', person: 'bob', present: false }, body: { role: null } },
  ])('$draft.type', ({ draft, body }) => {
    expect(checkDraft(draft, facts)).toMatchObject({ body });
  });

  it.each<{ draft: ReviewDraft; says: RegExp }>([
    { draft: { type: 'root-cause', issue: 'FD-9', text: 'x' }, says: /no issue FD-9; it has FD-11111111, FD-22222222/ },
    { draft: { type: 'root-cause', text: '' }, says: /root-cause is empty/ },
    { draft: { type: 'action', issue: 'FD-22222222', action: 'fix' }, says: /needs a due date/ },
    { draft: { type: 'action', issue: 'FD-11111111', action: 'fix', due: 'soon' }, says: /“soon” is no time/ },
    { draft: { type: 'action', issue: 'FD-11111111', action: 'fix', due: '2026-02-31' }, says: /is no time/ },
    { draft: { type: 'action', issue: 'FD-11111111', action: 'fix', due: '2026-11-22' }, says: /^$/ },
    { draft: { type: 'action', issue: 'FD-11111111', action: 'fix', due: '2026-11-21' }, says: /before the run ended/ },
    { draft: { type: 'changed', what: 'plan', text: 'x' }, says: /does not say where/ },
    { draft: { type: 'milestone', milestone: 'T+9h', at: 'now' }, says: /no milestone T\+9h; open: T\+24h, T\+2h/ },
    { draft: { type: 'milestone', milestone: 'T+0', at: 'now' }, says: /T\+0 is not open/ },
    { draft: { type: 'milestone', milestone: 'T+2h', at: '2026-12-01' }, says: /in the future/ },
    { draft: { type: 'milestone', milestone: 'T+2h', at: '2026-11-01' }, says: /before the run began/ },
    { draft: { type: 'attended', person: 'bob', role: 'king', present: true }, says: /no role “king”/ },
  ])('$says', ({ draft, says }) => {
    const checked = checkDraft(draft, facts);
    const said = 'wrong' in checked ? checked.wrong : { en: '', zh: '' };
    expect(said.en).toMatch(says);
    expect(said.en.split(/[.;] /).length).toBeLessThanOrEqual(2);
    if (said.en !== '') expect(said.zh).toMatch(/\p{Script=Han}/u);
  });
});

describe('an answers file', () => {
  const read = (text: string) => readReviewAnswers({ path: 'review.yaml', text }, facts);

  it('says everything at once', () => {
    const bodies = read(`
rootCauses: [{ text: nobody looked }, { issue: FD-11111111, text: old path }]
actions: [{ issue: FD-11111111, do: correct it, owner: bob, due: '2026-12-01' }]
changed: [{ what: manual, text: chapter 3, where: manual.md }]
kept: [the order of the steps]
milestones: [{ id: T+24h, at: '2026-11-23T09:30' }]
attendance: [{ name: alice, role: commander }, { name: bob, present: false }]
`);
    expect(bodies.map(({ type }) => type)).toEqual([
      ...['root-cause', 'root-cause', 'action', 'changed', 'kept', 'milestone', 'attended', 'attended'],
    ]);
    add(bodies);
    expect(now()).toMatchObject({ entries: 8, replaced: 0 });
  });

  it('names all its mistakes, each with its place', () => {
    const bad = 'actions: [{ issue: FD-9, do: x }]\nmilestone: []\nchanged: [{ what: plans, text: x }]\n';
    try {
      read(bad);
      expect.unreachable();
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      expect(error.problems.map(({ line, path: where }) => `${line} ${where}`)).toEqual([
        '1 actions[0]',
        '2 milestone',
        '3 changed[0].what',
      ]);
    }
  });
});
