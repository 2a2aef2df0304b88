import { describe, expect, test } from 'vitest';
import type { RecoveryPlan } from '../../src/core/recovery-plan.js';
import { builtInRecoveryPlan } from '../../src/plan/index.js';
import {
  type Answer,
  type ArchiveRecord,
  evaluateReadiness,
  type IssueRecord,
  type ReadinessEvidence,
  type RunRecord,
  type TierReading,
  type Verification,
} from '../../src/readiness/index.js';
import {
  archivesOf,
  blindTier,
  DAY_MS,
  good,
  HOUR_MS,
  issue,
  NOW_MS,
  plan,
  run,
  tier,
  unreadable,
} from './evidence.js';

type Spoil = Partial<ReadinessEvidence>;
type Case = readonly [name: string, spoil: Spoil];

const runs = (...value: readonly RunRecord[]): Spoil => ({ runs: { read: true, where: 'reports', value } });
const issues = (...value: readonly IssueRecord[]): Spoil => ({ issues: { read: true, where: 'issues', value } });
const withPlan = (change: Partial<RecoveryPlan>): Spoil => ({ plan: { ...plan, ...change } });
const without = (key: keyof RecoveryPlan): Spoil => {
  const { [key]: _left, ...rest } = plan;
  return { plan: rest as RecoveryPlan };
};
const all = archivesOf(plan, 7);
const both = (of: readonly ArchiveRecord[]): readonly TierReading[] => [
  tier('local', false, of),
  tier('object', true, of),
];
const verifications = good.verifications.read ? good.verifications.value : [];
const verifiedBy = (value: readonly Verification[]): ReadinessEvidence['verifications'] => ({
  read: true,
  where: 'v',
  value,
});
const withoutKey = (file: string): Verification => ({
  atMs: NOW_MS,
  file,
  sha256: '',
  base: '',
  sound: false,
  noKey: true,
  restoredInto: null,
});
const noRuns: Case = ['no run is recorded', runs()];
const noReports: Case = ['no reports at all', { runs: unreadable, issues: unreadable }];
const builtIn: Case = ['the built-in plan', { planFile: null }];
const contacts = (change: Partial<RecoveryPlan['contacts'][number]>): Spoil =>
  withPlan({ contacts: plan.contacts.map((contact) => ({ ...contact, ...change })) });

const CASES: Readonly<Record<number, Readonly<Record<Answer, readonly Case[]>>>> = {
  1: {
    yes: [
      ['every planned time has its archive', {}],
      ['what one tier lacks, another has', { tiers: [tier('local', false, []), tier('object', true)] }],
    ],
    no: [
      ['no archive at all', { tiers: both([]) }],
      ['the newest slot was missed', { tiers: both(all.slice(0, -1)) }],
      ['one slot in between was missed', { tiers: both(all.filter((_, index) => index !== 50)) }],
      ['all came too late', { tiers: both(all.map((each) => ({ ...each, takenMs: each.takenMs + 31 * 60_000 }))) }],
      [
        'increments where the full one was due',
        { tiers: both(all.map((each) => ({ ...each, type: 'incremental' as const }))) },
      ],
      ['the plan has no calendar', without('calendar')],
    ],
    unknown: [
      ['no tier can be read', { tiers: [blindTier('local', false), blindTier('object', true)] }],
      [
        'the missing one may lie where nobody can look',
        { tiers: [tier('local', false, []), blindTier('object', true)] },
      ],
      ['the plan names no tiers', { tiers: [] }],
    ],
  },
  2: {
    yes: [
      ['every chain verified', {}],
      [
        'somebody had no key later on',
        { verifications: verifiedBy([...verifications, withoutKey(all[0]?.file ?? '')]) },
      ],
    ],
    no: [
      [
        'the newest verification found damage',
        {
          verifications: {
            read: true,
            where: 'v',
            value: [
              ...(good.verifications.read ? good.verifications.value : []),
              {
                atMs: NOW_MS,
                file: all[0]?.file ?? '',
                sha256: '',
                base: '',
                sound: false,
                noKey: false,
                restoredInto: null,
              },
            ],
          },
        },
      ],
    ],
    unknown: [
      ['nothing was recorded', { verifications: unreadable }],
      ['whoever looked had no key', { verifications: verifiedBy(all.map(({ file }) => withoutKey(file))) }],
      [
        'one chain was never verified',
        {
          verifications: {
            read: true,
            where: 'v',
            value: good.verifications.read ? good.verifications.value.slice(1) : [],
          },
        },
      ],
      [
        'other bytes had that name when it was verified',
        {
          verifications: {
            read: true,
            where: 'v',
            value: good.verifications.read
              ? good.verifications.value.map((each) => ({ ...each, sha256: 'other' }))
              : [],
          },
        },
      ],
      ['no archive can be seen', { tiers: [blindTier('local', false)] }],
    ],
  },
  3: {
    yes: [
      ['the same bytes on both', {}],
      ['one other place is enough', { tiers: [...good.tiers, blindTier('archive', true)] }],
      [
        'what was taken a moment ago need not be there yet',
        {
          nowMs: (all.at(-1)?.takenMs ?? 0) + 60_000,
          tiers: [tier('local', false), tier('object', true, all.slice(0, -1))],
        },
      ],
    ],
    no: [
      ['no tier counts as another place', { tiers: [tier('local', false), tier('nas', false)] }],
      ['nothing in the other place', { tiers: [tier('local', false), tier('object', true, [])] }],
      ['one of the chain is missing there', { tiers: [tier('local', false), tier('object', true, all.slice(0, -1))] }],
      [
        'the full one is missing there',
        {
          tiers: [
            tier('local', false),
            tier(
              'object',
              true,
              all.filter(({ file }) => file !== all.at(-1)?.base),
            ),
          ],
        },
      ],
      [
        'another hash there',
        {
          tiers: [
            tier('local', false),
            tier(
              'object',
              true,
              all.map((each) => ({ ...each, sha256: 'other' })),
            ),
          ],
        },
      ],
      [
        'fewer bytes there',
        {
          tiers: [
            tier('local', false),
            tier(
              'object',
              true,
              all.map((each) => ({ ...each, storedBytes: 999 })),
            ),
          ],
        },
      ],
      [
        'other bytes were read back',
        {
          tiers: [
            tier('local', false),
            {
              ...tier('object', true),
              readBack: [{ file: all.at(-1)?.file ?? '', sha256: 'other', bytes: 1, tookMs: 1 }],
            },
          ],
        },
      ],
      ['only there', { tiers: [tier('local', false, []), tier('object', true)] }],
      ['no archive anywhere', { tiers: both([]) }],
    ],
    unknown: [
      ['the other place cannot be read', { tiers: [tier('local', false), blindTier('object', true)] }],
      ['nothing can be seen', { tiers: [blindTier('local', false), blindTier('object', true)] }],
      ['whole there, and nobody can look elsewhere', { tiers: [blindTier('local', false), tier('object', true)] }],
    ],
  },
  4: {
    yes: [
      ['nothing past its time', {}],
      ['for ever', { tiers: [{ ...tier('archive', true, archivesOf(plan, 60)), keepMs: null }] }],
      ['an old full one that a kept increment needs', { tiers: [tier('local', false, keptChain())] }],
    ],
    no: [['increments of last month', { tiers: [tier('local', false, archivesOf(plan, 60))] }]],
    unknown: [
      ['a tier cannot be read', { tiers: [tier('local', false), blindTier('object', true)] }],
      ['nothing there that could be old', { tiers: both([]) }],
      ['the plan has no calendar', without('calendar')],
    ],
  },
  5: {
    yes: [
      ['plan and runbook are there', {}],
      [
        'changed since the last finding about them',
        issues({ ...issue, rule: 'document-outdated', seenMs: NOW_MS - 2 * DAY_MS }),
      ],
    ],
    no: [
      ['the runbook is not there', { paths: good.paths.map((each) => ({ ...each, exists: false })) }],
      ['the plan names no runbook', { paths: [] }],
      ['not changed since', issues({ ...issue, rule: 'document-outdated', seenMs: NOW_MS - HOUR_MS })],
    ],
    unknown: [
      builtIn,
      ['the runbook cannot be looked at', { paths: good.paths.map((each) => ({ ...each, exists: null })) }],
      ['no issues can be read', { issues: unreadable }],
    ],
  },
  6: {
    yes: [
      ['a valid full-flow run', {}],
      ['a valid partial run', runs({ ...run, kind: 'partial' })],
    ],
    no: [
      ['only tabletops', runs({ ...run, kind: 'tabletop' })],
      ['none is valid', runs({ ...run, valid: false })],
    ],
    unknown: [noRuns, noReports],
  },
  7: {
    yes: [['within both limits', {}]],
    no: [
      ['missed', runs({ ...run, rto: [{ limitMs: 20_000, measuredMs: 30_000, verdict: 'missed' }] })],
      [
        'within the drill’s own limit, beyond the plan’s',
        runs({ ...run, rto: [{ limitMs: DAY_MS, measuredMs: HOUR_MS, verdict: 'within' }] }),
      ],
      [
        'the newest run counts',
        runs(run, { ...run, startedMs: NOW_MS, rto: [{ limitMs: 1, measuredMs: 2, verdict: 'missed' }] }),
      ],
    ],
    unknown: [
      noRuns,
      noReports,
      ['no run measured it', runs({ ...run, rto: [] })],
      ['it could not be measured', runs({ ...run, rto: [{ limitMs: 1, measuredMs: null, verdict: 'unknown' }] })],
      [
        'too near the limit to tell',
        runs({ ...run, rto: [{ limitMs: 30_000, measuredMs: 29_900, verdict: 'borderline' }] }),
      ],
      ['the run is not valid', runs({ ...run, valid: false })],
    ],
  },
  8: {
    yes: [['within, and a fresh archive', {}]],
    no: [
      ['missed', runs({ ...run, rpo: [{ limitMs: 1, measuredMs: 2, verdict: 'missed' }] })],
      ['the newest archive is too old', { nowMs: NOW_MS + 2 * HOUR_MS }],
    ],
    unknown: [
      noRuns,
      ['no archive can be seen', { tiers: [blindTier('local', false)] }],
      [
        'a newer archive may lie where nobody can look',
        { nowMs: NOW_MS + 2 * HOUR_MS, tiers: [tier('local', false), blindTier('object', true)] },
      ],
      ['the plan names no objective', without('readiness')],
    ],
  },
  9: {
    yes: [['complete', {}]],
    no: [
      ['no owner', withPlan({ levels: { ...plan.levels, P1: { ...plan.levels.P1, owner: 'TBD' } } })],
      ['working hours that nobody tells', without('workingHours')],
      [
        'P0 takes longer than P1',
        withPlan({ levels: { ...plan.levels, P0: { ...plan.levels.P0, recoveryTargetMs: DAY_MS } } }),
      ],
    ],
    unknown: [builtIn],
  },
  10: {
    yes: [['used in a run', {}]],
    no: [
      ['no tree', without('decision')],
      ['an empty list of trees', withPlan({ decision: {} })],
    ],
    unknown: [['never used', runs({ ...run, decided: [] })], noRuns, noReports],
  },
  11: {
    yes: [
      ['every role, lately', {}],
      [
        'one who was reached is enough for a role',
        withPlan({
          contacts: [
            ...plan.contacts,
            ...plan.contacts.map((each) => ({ ...each, name: 'Old', confirmedAt: '2020-01-01' })),
          ],
        }),
      ],
    ],
    no: [
      ['a role without a contact', withPlan({ contacts: plan.contacts.slice(1) })],
      ['placeholders', { plan: { ...plan, contacts: builtInRecoveryPlan().contacts } }],
      ['long ago', contacts({ confirmedAt: '2025-10-01' })],
      ['a day yet to come', contacts({ confirmedAt: '2027-01-01' })],
    ],
    unknown: [
      [
        'nobody noted when',
        withPlan({ contacts: plan.contacts.map(({ confirmedAt: _never, ...contact }) => contact) }),
      ],
    ],
  },
  12: {
    yes: [
      ['changed lately', {}],
      [
        'old, but confirmed lately',
        {
          ...withPlan({ confirmed: { at: '2026-02-10', by: 'alice' } }),
          planFile: { path: 'p', changedMs: 0, sha256: 'p' },
        },
      ],
      ['changed after the last P0', issues({ ...issue, priority: 'P0', seenMs: NOW_MS - 40 * DAY_MS })],
    ],
    no: [
      ['changed long ago', { planFile: { path: 'p', changedMs: NOW_MS - 100 * DAY_MS, sha256: 'p' } }],
      [
        'the file is new, but a run used the very same plan long ago',
        {
          planFile: { path: 'p', changedMs: NOW_MS, sha256: 'plan' },
          ...runs({ ...run, startedMs: NOW_MS - 100 * DAY_MS }),
        },
      ],
      ['not since the last P0', issues({ ...issue, priority: 'P0' })],
      [
        'a confirmation on a day yet to come',
        {
          ...withPlan({ confirmed: { at: '2027-01-01', by: 'a' } }),
          planFile: { path: 'p', changedMs: 0, sha256: 'p' },
        },
      ],
    ],
    unknown: [builtIn, ['no issues can be read', { issues: unreadable }]],
  },
  13: {
    yes: [['yesterday', {}]],
    no: [
      ['last quarter', runs({ ...run, startedMs: Date.parse('2025-12-31T15:00:00Z') })],
      ['not valid', runs({ ...run, valid: false })],
    ],
    unknown: [noRuns, noReports],
  },
  14: {
    yes: [
      ['open, not yet due', {}],
      ['past due, but closed', issues({ ...issue, dueMs: 0, open: false })],
    ],
    no: [['past due', issues({ ...issue, dueMs: NOW_MS - 1 })]],
    unknown: [noReports, ['nothing was ever run', { ...runs(), ...issues() }]],
  },
  15: {
    yes: [['signed', {}]],
    no: [
      ['not signed', runs({ ...run, signedBy: null })],
      ['no report', runs({ ...run, hasReport: false })],
      ['the last run counts', runs(run, { ...run, startedMs: NOW_MS, signedBy: null })],
    ],
    unknown: [noRuns, noReports],
  },
  16: {
    yes: [['rated well and in time', {}]],
    no: [
      ['rated badly', runs({ ...run, ratings: [1, 3] })],
      ['late', runs({ ...run, onTime: { kept: 7, of: 10 } })],
    ],
    unknown: [
      noRuns,
      noReports,
      ['answers out of a file prove nothing of people', runs({ ...run, scripted: true })],
      ['nothing was rated', runs({ ...run, ratings: [] })],
      ['nothing was timed', runs({ ...run, onTime: { kept: 0, of: 0 } })],
    ],
  },
};

/** A full one of five weeks ago with an increment of yesterday. */
function keptChain(): readonly ArchiveRecord[] {
  const [first] = all;
  const last = all.at(-1);
  if (first === undefined || last === undefined) throw new Error('no archives');
  const full = { ...first, takenMs: NOW_MS - 36 * DAY_MS };
  return [full, { ...last, base: full.file, parent: full.file }];
}

const rows = Object.entries(CASES).flatMap(([number, answers]) =>
  Object.entries(answers).flatMap(([answer, cases]) =>
    cases.map(([name, spoil]) => [Number(number), answer, name, spoil] as const),
  ),
);

describe('the 16 questions', () => {
  test.each(rows)('%i is %s: %s', (number, expected, _name, spoil) => {
    const found = evaluateReadiness({ ...good, ...spoil }).answers.find((each) => each.number === number);
    expect({ answer: found?.answer, seen: found?.seen.map(({ text }) => text.en) }).toMatchObject({ answer: expected });
  });

  test('each has cases of yes, no and unknown, and each answer says what was seen where, in both languages', () => {
    expect(Object.keys(CASES)).toHaveLength(16);
    for (const answers of Object.values(CASES)) {
      expect(Object.values(answers).every((cases) => cases.length > 0)).toBe(true);
    }
    for (const [, , , spoil] of rows) {
      for (const { seen } of evaluateReadiness({ ...good, ...spoil }).answers) {
        expect(seen.length).toBeGreaterThan(0);
        for (const { text, where } of seen) {
          expect(where).not.toBe('');
          expect(text.en).not.toBe('');
          expect(text.zh).toMatch(/\p{Script=Han}/u);
        }
      }
    }
  });

  test('where nothing can be looked at, no answer is yes but those that the plan itself gives', () => {
    const blind = evaluateReadiness({
      ...good,
      planFile: null,
      tiers: good.tiers.map((each) => blindTier(each.tier, each.countsAsAnotherPlace)),
      verifications: unreadable,
      runs: unreadable,
      issues: unreadable,
      paths: [],
    });
    expect(blind.answers.filter(({ answer }) => answer === 'yes').map(({ number }) => number)).toEqual([11]);
    expect(blind.stage.reached).toBe(0);
  });
});

describe('ready', () => {
  test('everything in order', () => {
    const { ready, answers, stage } = evaluateReadiness(good);
    expect(answers.filter(({ answer }) => answer !== 'yes').map(({ number }) => number)).toEqual([]);
    expect([ready, stage.reached, stage.next]).toEqual([true, 3, null]);
  });

  test('a required no fails; an unknown one, and a no that is not required, do not', () => {
    expect(evaluateReadiness({ ...good, ...contacts({ confirmedAt: '2020-01-01' }) }).ready).toBe(false);
    expect(evaluateReadiness({ ...good, verifications: unreadable }).ready).toBe(true);
    const signed = { ...good, ...runs({ ...run, signedBy: null }) };
    expect(evaluateReadiness(signed).ready).toBe(true);
    const required = { required: [15] as const, confirmedWithinMs: DAY_MS, objective: 'ours' };
    expect(evaluateReadiness({ ...signed, plan: { ...plan, readiness: required } }).ready).toBe(false);
  });
});
