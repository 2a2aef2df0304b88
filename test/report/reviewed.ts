/** What people added to the fixture's run, and what the drill before left: with `name` wherever a person writes. */
import type { IssueSummary, LastReview } from '../../src/core/result.js';
import type { Review, Said } from '../../src/core/review.js';
import { bi } from '../../src/core/text.js';

const RUN = '20261122T101500Z-etcd-leader-loss-7f3a';
const BEFORE = '20260822T090000Z-etcd-leader-loss-11aa';

const said = (entry: number, by: string, runId = RUN): Said => ({ by, at: '2026-11-24T08:00:00.000Z', runId, entry });

export const reviewOf = (name: string): Review => ({
  entries: 9,
  head: 'e'.repeat(64),
  lastAt: '2026-11-24T08:00:00.000Z',
  rootCauses: [{ issue: 'FD-1a2b3c4d', text: `the backup was a day old | ${name}`, ...said(1, name) }],
  actions: [
    {
      issue: 'FD-1a2b3c4d',
      action: `hourly increments <${name}>`,
      owner: name,
      due: '2026-12-01T23:59:59+08:00',
      ...said(2, name),
    },
  ],
  changed: [
    { what: 'plan', text: `one more step ${name}`, where: 'recovery-plan.yaml, roles', ...said(3, name) },
    { what: 'backup-policy', text: 'hourly', where: null, ...said(4, name) },
  ],
  kept: [{ text: 'the six steps as rehearsed', ...said(5, name) }],
  milestones: [{ milestone: 'T+24h', reachedAt: '2026-11-23T17:00:00+08:00', ...said(6, name) }],
  attendance: [
    { person: name, role: 'commander', present: true, ...said(7, name) },
    { person: 'carol', role: null, present: false, ...said(8, name) },
  ],
  replaced: 1,
  broken: null,
});

const none = { entries: 1, head: 'f'.repeat(64), lastAt: '2026-08-23T08:00:00.000Z', replaced: 0, broken: null };

export const lastOf = (name: string): LastReview => ({
  runId: BEFORE,
  startedAt: '2026-08-22T09:00:00.000Z',
  review: {
    ...none,
    rootCauses: [],
    actions: [],
    changed: [{ what: 'manual', text: `path of the archives ${name}`, where: 'chapter 3', ...said(1, name, BEFORE) }],
    kept: [],
    milestones: [],
    attendance: [],
  },
  openMilestones: [{ id: 'T+24h', title: bi('review', '复盘'), dueAt: '2026-08-23T09:00:00.000Z' }],
});

export const openIssuesOf = (name: string): readonly IssueSummary[] => [
  {
    id: 'FD-99887766',
    fingerprint: 'etcd-leader-loss/confirm-level/step-late',
    status: 'open',
    seen: 1,
    firstSeenRun: BEFORE,
    due: null,
    title: bi(`confirm-level was late ${name}`, `confirm-level 延迟 ${name}`),
    priority: 'P2',
    rootCause: { text: `nobody had the number ${name}`, ...said(2, name, BEFORE) },
    actions: [],
  },
  // As an older version journaled it.
  { id: 'FD-0a0a0a0a', fingerprint: 'x', status: 'open', seen: 1, firstSeenRun: BEFORE, due: null },
];
