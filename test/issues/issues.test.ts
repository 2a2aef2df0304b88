import { describe, expect, it } from 'vitest';
import type { Drill, Step } from '../../src/core/drill.js';
import type { BodyOf } from '../../src/core/journal.js';
import type { Tier, TierEncryption } from '../../src/core/plan-places.js';
import { dueAt } from '../../src/issues/due.js';
import { findIssues, rulesPassed } from '../../src/issues/index.js';
import { measure } from '../../src/measure/index.js';
import { score } from '../../src/score/index.js';
import {
  attempt,
  baseline,
  beats,
  byTime,
  check,
  drillOf,
  ended,
  fault,
  integrityChecks,
  journalOf,
  ledgerRead,
  opened,
  phase,
  phases,
  recoveryPlan,
  reverted,
  sixStepRestore,
  stepRun,
  type Timed,
  text,
} from '../measure/builder.js';

function judge(events: readonly Timed[], drill: Drill = drillOf(), some: Partial<BodyOf<'run.opened'>> = {}) {
  const journal = journalOf([opened(drill, some), ...byTime(events)]);
  const [first] = journal;
  if (first?.type !== 'run.opened') throw new Error('the journal begins with run.opened');
  const m = measure(journal);
  const result = score(m, first).score;
  const issues = findIssues(m, result, first);
  const passed = rulesPassed(m, result, first).map((pass) =>
    pass.step === null ? pass.rule : `${pass.rule} ${pass.step}`,
  );
  return {
    issues,
    passed,
    found: issues.map((issue) => (issue.step === null ? issue.rule : `${issue.rule} ${issue.step}`)),
    m,
  };
}

const written: Timed = [
  2_000,
  {
    type: 'backup.written',
    step: 'backup',
    file: 'backups/registry-backup-20251122-020000.tar.gz',
    sha256: 'a1',
    bytes: 1,
    backupTimeUtc: '2025-11-22T02:00:00Z',
    revision: 1,
    services: 1,
    instances: 1,
    durable: 1,
    pointMs: 1_900,
  },
];

/** A valid run: killed at 6020, back at `backMs`, with `lost` entries. */
function killed(
  backMs: number,
  lost = 0,
  more: readonly Timed[] = [],
  read: readonly string[] = ['n1', 'n2'],
): readonly Timed[] {
  const traffic = [
    ...baseline(),
    ...beats({ op: 'register', fromMs: 6_000, toMs: backMs, outcome: 'unknown' }),
    ...beats({ op: 'register', fromMs: backMs, toMs: 14_000 }),
    ...beats({ op: 'discover', fromMs: 6_050, toMs: 14_000 }),
  ];
  const held = traffic.flatMap(([, body]) =>
    body.type === 'attempt' && body.op === 'register' && body.outcome === 'ok' ? [[body.entry, 1]] : [],
  );
  return [
    ...traffic,
    ...Array.from({ length: lost }, (_, i) => attempt({ op: 'register', entry: `lost/${i}`, issuedMs: 5_000 + i })),
    ...fault({ requestedMs: 6_000, observedMs: 6_020 }),
    reverted(6_500),
    ...ledgerRead(14_500, Object.fromEntries(read.map((node) => [node, Object.fromEntries(held)]))),
    ...integrityChecks(15_000),
    ...more,
    [15_500, { type: 'residue.checked', by: 'run', checked: 1, left: [] }],
    ended(16_000),
  ];
}

describe('issues', () => {
  it('are none of the data or the recovery when all went well', () => {
    const { found, passed } = judge(killed(6_600));
    expect(found.filter((id) => !id.startsWith('phase-incomplete') && !id.startsWith('step-skipped'))).toEqual([]);
    for (const rule of [
      'rto-missed',
      'rpo-missed',
      'data-lost',
      'nodes-disagree',
      'old-data-back',
      'residue-left',
      'integrity-failed',
      'not-recovered kill',
      'revert-failed kill',
      'fault-no-effect kill',
    ]) {
      expect(passed).toContain(rule);
    }
  });

  it('a single readable node has nobody to disagree with: nothing is found, and nothing passed', () => {
    const { found, passed } = judge(killed(6_600, 0, [], ['n1']));
    expect(found).not.toContain('nodes-disagree');
    expect(passed).not.toContain('nodes-disagree');
  });

  it('tell a plan that keeps backups in plain text, with its reason, to who makes backups', () => {
    const tier = (encryption: TierEncryption): Tier => ({
      ...{ kind: 'directory', title: 'disk', for: 'restores', place: '/b', keepMs: null, countsAsAnotherPlace: false },
      encryption,
    });
    const key: TierEncryption = { kind: 'recipients', file: 'key.pub' };
    const none: TierEncryption = { kind: 'none', reason: 'a vault below it' };
    const run = (of: Readonly<Record<string, Tier>>, events: readonly Timed[] = [written]) =>
      judge(killed(6_600, 0, events), drillOf(), { recoveryPlan: { ...recoveryPlan, tiers: of } });
    const plain = run({ local: tier(key), nas: tier(none) });
    expect(plain.issues.find(({ rule }) => rule === 'backup-in-plain-text')).toMatchObject({
      priority: 'P2',
      detail: { en: expect.stringContaining('nas (a vault below it)'), zh: expect.stringContaining('nas') },
    });
    expect(plain.passed).not.toContain('backup-in-plain-text');
    expect(run({ local: tier(key) }).passed).toContain('backup-in-plain-text');
    // Nothing was looked at: neither found nor passed.
    for (const silent of [run({ nas: tier(none) }, []), run({})]) {
      expect([...silent.found, ...silent.passed]).not.toContain('backup-in-plain-text');
    }
  });

  it('have the priorities of the table', () => {
    const { issues } = judge(killed(9_000, 1));
    const of = (rule: string) => issues.find((issue) => issue.rule === rule);
    expect(of('rto-missed')).toMatchObject({ priority: 'P1', owner: 'director', step: null });
    expect(of('rpo-missed')).toMatchObject({ priority: 'P0', owner: 'CTO' });
    expect(of('data-lost')?.priority).toBe('P1');
    expect(of('phase-incomplete')?.priority).toBe('P2');
    expect(issues.map((issue) => issue.priority)).toEqual([...issues.map((issue) => issue.priority)].sort());
    for (const issue of issues) expect(issue.id).toMatch(/^FD-[0-9a-f]{8}$/);
  });

  it('take a loss that the RPO allows for a thought, not for work', () => {
    const objectives = { ...drillOf().objectives, rpoRecords: null, rpoTimeMs: 60_000 };
    const { issues, found } = judge(killed(6_600, 1), drillOf({ objectives }));
    expect(found).not.toContain('rpo-missed');
    expect(issues.find(({ rule }) => rule === 'data-lost')?.priority).toBe('P3');
  });

  it('name what never came back, and what could not be undone', () => {
    expect(judge(killed(14_000)).found).toEqual(expect.arrayContaining(['not-recovered kill', 'rto-missed']));
    const failed = judge(
      killed(6_600, 0, [
        reverted(15_200, { undo: 'u9', step: 'x', reverted: false }),
        [15_600, { type: 'residue.checked', by: 'run', checked: 1, left: [{ undo: 'u9', what: text }] }],
      ]),
    );
    expect(failed.found).toEqual(expect.arrayContaining(['revert-failed x', 'residue-left']));
    expect(failed.issues.filter((issue) => issue.priority === 'P0')).toHaveLength(2);
  });

  it.each([
    ['restore', 'restore'],
    ['canary', 'traffic'],
    ['lab', 'lab'],
  ])('an undo of %s that failed can be closed by a later run that undid it', (undoer, step) => {
    const target = { binding: { lab: 'antietcd-3' }, members: [], voters: 3, quorum: 2 } as unknown as NonNullable<
      BodyOf<'run.opened'>['plan']['target']
    >;
    const plan = { schemaVersion: 1, drillSha256: 'd', target, steps: [], warnings: [], estimateMs: 0 } as const;
    const undo = (ok: boolean): Timed => reverted(15_300, { undo: `u-${undoer}`, undoer, step, reverted: ok });
    const of = (ok: boolean) => judge(killed(6_600, 0, [...sixStepRestore(14_600), undo(ok)]), drillOf(), { plan });
    expect(of(false).found).toContain(`revert-failed ${step}`);
    expect(of(false).passed).not.toContain(`revert-failed ${step}`);
    expect(of(true).found).not.toContain(`revert-failed ${step}`);
    expect(of(true).passed).toContain(`revert-failed ${step}`);
  });

  it('an undo that nobody saw is not one that worked', () => {
    const { passed } = judge(killed(6_600, 0, sixStepRestore(14_600)));
    expect(passed).not.toContain('revert-failed restore');
    expect(passed).not.toContain('revert-failed traffic');
  });

  it('say nothing of objectives when the run is not valid, and pass none of their rules', () => {
    const { found, passed } = judge([
      ...baseline(),
      ...fault({ requestedMs: 6_000, observedMs: 6_020, bitten: false }),
      ended(9_000),
    ]);
    expect(found).toContain('fault-no-effect kill');
    for (const rule of ['rto-missed', 'rpo-missed', 'data-lost']) {
      expect(found).not.toContain(rule);
      expect(passed).not.toContain(rule);
    }
  });

  it('follow from steps: failed with its own severity, slow, much slower, not run', () => {
    const manual = (id: string, some: Partial<Step> = {}): Step =>
      ({ id, verb: 'manual', text: id, continueOnFailure: false, ...some }) as Step;
    const drill = drillOf({
      phases: phases({
        execute: phase(
          manual('bad', { severity: 'P3' }),
          manual('slow', { expectMs: 100 }),
          manual('slower', { expectMs: 100 }),
          manual('due', { withinMs: 100 }),
          manual('never'),
          manual('optional', { when: { step: 'bad', is: 'pass' } }),
        ),
      }),
    });
    const { issues, found, passed } = judge(
      [
        ...stepRun('bad', { fromMs: 10, toMs: 20 }, { verb: 'manual', outcome: 'fail', reason: text }),
        ...stepRun('slow', { fromMs: 20, toMs: 150 }, { verb: 'manual' }),
        ...stepRun('slower', { fromMs: 150, toMs: 301 }, { verb: 'manual' }),
        ...stepRun('due', { fromMs: 400, toMs: 501 }, { verb: 'manual' }),
        ended(600),
      ],
      drill,
    );
    const steps = found.filter((id) => id.startsWith('step-')).sort();
    expect(steps).toEqual([
      'step-failed bad',
      'step-skipped never',
      'step-slow due',
      'step-slow slower',
      'step-slow-in-time slow',
    ]);
    expect(issues.find((issue) => issue.rule === 'step-failed')?.priority).toBe('P3');
    expect(passed).toEqual(expect.arrayContaining(['step-failed slow', 'step-slow slow']));
    expect(passed).not.toContain('step-skipped never');
  });

  it('judge the planned time of each part of a restore', () => {
    const planned = { stop: 100, clear: 80, restore: 50, verify: null } as const;
    const restore = sixStepRestore(8_000).map(([ms, body]): Timed => {
      const expectMs =
        body.type === 'restore.substep' ? (Object.entries(planned).find(([n]) => n === body.name)?.[1] ?? null) : null;
      return [ms, body.type === 'restore.substep' ? { ...body, expectMs } : body];
    });
    const { found, passed, issues } = judge([...restore, ended(10_000)]);
    // Each took 100 ms.
    expect(found.filter((id) => id.startsWith('step-slow'))).toEqual([
      'step-slow restore/restore',
      'step-slow-in-time restore/clear',
    ]);
    expect(issues.find(({ rule }) => rule === 'step-slow')?.detail.en).toContain('took 100 ms; planned 50 ms');
    expect(passed).toContain('step-slow restore/stop');
    expect(passed).not.toContain('step-slow restore/verify');
  });

  it('name a step that nobody can tell of, and a situation that was not played only once', () => {
    const situation: Step = {
      id: 'alarm',
      verb: 'situation',
      situation: { tell: 'x', expected: 'x', rate: false, estimate: false },
      continueOnFailure: false,
    };
    const drill = drillOf({ phases: phases({ execute: phase({ ...situation, id: 'left' }, situation) }) });
    const { found, passed } = judge(
      [
        ...stepRun('left', { fromMs: 10, toMs: 20 }, { verb: 'situation', outcome: 'skipped' }),
        ...stepRun('alarm', { fromMs: 20, toMs: 30 }, { verb: 'situation', outcome: 'unknown', reason: text }),
        ended(100),
      ],
      drill,
    );
    expect(found.filter((id) => id.startsWith('step-'))).toEqual(['step-untold alarm']);
    expect(passed).not.toContain('step-untold alarm');
  });

  it('follow from steady state, documents and roles', () => {
    const drill = drillOf({
      roles: { assigned: { technical: ['chen'] }, unavailable: ['chen'] },
      phases: phases({
        execute: phase({ id: 'do', verb: 'manual', text: 'x', by: 'technical', continueOnFailure: false }),
      }),
    });
    const review: Timed = [
      10,
      {
        type: 'document.reviewed',
        step: 'docs',
        title: 'runbook',
        path: 'gone.md',
        exists: false,
        question: 'q',
        answer: 'yes',
        note: null,
        answeredBy: 'eve',
      },
    ];
    const { found } = judge(
      [review, check(20, 'registry.writable', 'fail', { place: 'steady-after' }), ended(100)],
      drill,
    );
    expect(found).toEqual(
      expect.arrayContaining(['document-outdated docs/runbook', 'role-unfilled technical', 'steady-state-lost']),
    );
  });

  it('stay the same problem in the next run', () => {
    const [before] = judge(killed(9_000)).issues.filter((issue) => issue.rule === 'rto-missed');
    if (before === undefined) throw new Error('found');
    expect(before).toMatchObject({ status: 'new', seen: 1, fingerprint: 'etcd-leader-loss/-/rto-missed' });
    const known = {
      id: before.id,
      fingerprint: before.fingerprint,
      seen: 2,
      firstSeenRun: 'r0',
      due: '2026-01-01T00:00:00+08:00',
    };
    const next = (status: 'open' | 'closed') =>
      judge(killed(9_000), drillOf(), { history: { previous: null, openIssues: [{ ...known, status }] } }).issues.find(
        (issue) => issue.id === before.id,
      );
    // Still open: the first due time stays. Closed before: reopened, with a new one.
    expect(next('open')).toMatchObject({ status: 'open', seen: 3, firstSeenRun: 'r0', due: known.due });
    expect(next('closed')).toMatchObject({ status: 'reopened', seen: 3, firstSeenRun: 'r0', due: before.due });
  });

  it('are due after the end of the run, in the zone of the drill', () => {
    // The run ends at 10:15:16 UTC = 18:15:16 in Shanghai on 22 November.
    const { issues } = judge(killed(9_000, 1));
    const due = (rule: string) => issues.find((issue) => issue.rule === rule)?.due;
    expect(due('rpo-missed')).toBe('2026-11-23T18:15:16+08:00');
    expect(due('rto-missed')).toBe('2026-11-29T18:15:16+08:00');
    expect(due('phase-incomplete')).toBe('2026-12-22T18:15:16+08:00');
  });
});

describe('dueAt', () => {
  const month = { kind: 'month' } as const;
  it.each([
    ['2026-01-31T12:00:00.000Z', 'UTC', '2026-02-28T12:00:00+00:00'],
    ['2028-01-31T12:00:00.000Z', 'UTC', '2028-02-29T12:00:00+00:00'],
    ['2026-12-15T12:00:00.000Z', 'UTC', '2027-01-15T12:00:00+00:00'],
    // 31 October 23:30 in Shanghai is already the 31st there: 30 November.
    ['2026-10-31T15:30:00.000Z', 'Asia/Shanghai', '2026-11-30T23:30:00+08:00'],
    // New York leaves summer time on 1 November 2026: the same wall time, another offset.
    ['2026-10-15T16:00:00.000Z', 'America/New_York', '2026-11-15T12:00:00-05:00'],
    ['2026-06-10T00:00:00.000Z', 'Asia/Kolkata', '2026-07-10T05:30:00+05:30'],
  ])('%s + 1 month in %s', (at, zone, expected) => {
    expect(dueAt(at, month, zone)).toBe(expected);
  });

  it('is null without a deadline or without an end', () => {
    expect(dueAt('2026-01-01T00:00:00.000Z', recoveryPlan.levels.P3.deadline, 'UTC')).toBeNull();
    expect(dueAt('', month, 'UTC')).toBeNull();
  });
});
