import { describe, expect, it } from 'vitest';
import type { Drill, Step } from '../../src/core/drill.js';
import type { BodyOf, EventOf, JournalEvent } from '../../src/core/journal.js';
import type { ScoreCriterion } from '../../src/core/result.js';
import { measure } from '../../src/measure/index.js';
import { explain, score, verdict } from '../../src/score/index.js';
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
  reverted,
  stepRun,
  type Timed,
  text,
} from '../measure/builder.js';

function scored(events: readonly JournalEvent[]) {
  const m = measure(events);
  const [first] = events;
  if (first?.type !== 'run.opened') throw new Error('a journal begins with run.opened');
  const result = score(m, first as EventOf<'run.opened'>);
  const criteria = new Map(result.score?.dimensions.flatMap((d) => d.criteria).map((c) => [c.id, c]));
  const criterion = (id: string): ScoreCriterion => {
    const found = criteria.get(id);
    if (found === undefined) throw new Error(`no criterion ${id}: ${result.noScore?.en}`);
    return found;
  };
  return { m, ...result, ...verdict(m, result.score, first), criterion };
}
const run = (drill: Drill, ...events: readonly (readonly Timed[])[]) =>
  scored(journalOf([opened(drill), ...byTime(events.flat())]));
const objectives = (some: Partial<Drill['objectives']>, rest: Partial<Drill> = {}): Drill =>
  drillOf({ objectives: { ...drillOf().objectives, ...some }, ...rest });

interface Shape {
  readonly backMs?: number;
  readonly lost?: readonly number[];
  readonly checks?: readonly Timed[];
  readonly more?: readonly Timed[];
}
/** Killed at 6020; register and discover are back at `backMs`; entries acknowledged at the times `lost` are on no node. */
function killed({ backMs = 7_000, lost = [], checks = integrityChecks(15_000), more = [] }: Shape): readonly Timed[] {
  const traffic = [
    ...baseline(),
    ...beats({ op: 'register', fromMs: 6_000, toMs: backMs, outcome: 'unknown' }),
    ...beats({ op: 'register', fromMs: backMs, toMs: 14_000 }),
    ...beats({ op: 'discover', fromMs: 6_000, toMs: backMs, outcome: 'failed' }),
    ...beats({ op: 'discover', fromMs: backMs, toMs: 14_000 }),
  ];
  const held = traffic.flatMap(([, body]) =>
    body.type === 'attempt' && body.op === 'register' && body.outcome === 'ok' ? [[body.entry, 1]] : [],
  );
  return [
    ...traffic,
    ...lost.map((issuedMs, i) => attempt({ op: 'register', entry: `lost/${i}`, issuedMs })),
    ...fault({ requestedMs: 6_000, observedMs: 6_020 }),
    reverted(6_500),
    ...ledgerRead(14_500, { n1: Object.fromEntries(held), n2: Object.fromEntries(held) }),
    ...checks,
    ...more,
    [15_500, { type: 'residue.checked', by: 'run', checked: 1, left: [] }],
    ended(16_000),
  ];
}

describe('recovery time', () => {
  // Back at 7000: ends 7005, 985 ± 125 (newest failure 6900, bracket 20).
  it.each([
    ['well within', 1_200, 30, 'within'],
    ['borderline gets the lower grade', 1_050, 20, 'borderline'],
    ['borderline from above', 900, 20, 'borderline'],
    ['beyond, within 1.5 times', 800, 20, 'missed'],
    ['at 1.5 times within its error: the lower', 650, 10, 'missed'],
    ['beyond 1.5 times', 500, 10, 'missed'],
  ])('%s', (_, rtoMs, points, wanted) => {
    const { m, criterion } = run(objectives({ rtoMs }), killed({}));
    expect(m.objectives[0]?.verdict).toBe(wanted);
    expect(criterion('rto')).toMatchObject({ earned: points, possible: 30, state: 'assessed' });
    expect(criterion('rto').evidence.length).toBeGreaterThan(0);
  });

  it('gives nothing when not recovered, and nothing is assessed without an objective', () => {
    expect(run(drillOf(), killed({ backMs: 14_000 })).criterion('rto')).toMatchObject({ earned: 0, state: 'assessed' });
    expect(run(objectives({ rtoMs: null }), killed({})).criterion('rto')).toMatchObject({
      earned: 0,
      state: 'not-applicable',
    });
  });
});

describe('integrity', () => {
  const earned = (drill: Drill, shape: Shape) => run(drill, killed(shape)).criterion('integrity');

  it.each([
    ['nothing lost', {}, {}, 25],
    ['lost, within the time; records 0 is judged by time', {}, { lost: [5_000] }, 15],
    ['lost, beyond the time', { rpoTimeMs: 500 }, { lost: [5_000] }, 5],
    ['lost, within the records', { rpoRecords: 1 }, { lost: [5_000] }, 15],
    ['lost, beyond the records', { rpoRecords: 1 }, { lost: [5_000, 5_100] }, 5],
    ['lost without any RPO', { rpoRecords: null, rpoTimeMs: null }, { lost: [5_000] }, 5],
    ['records 0 alone allows nothing', { rpoRecords: 0, rpoTimeMs: null }, { lost: [5_000] }, 5],
    ['the hash differs', {}, { checks: [...integrityChecks(15_000), check(15_100, 'integrity.hash', 'fail')] }, 5],
    [
      'the function fails',
      {},
      { checks: [...integrityChecks(15_000), check(15_100, 'integrity.functional', 'fail')] },
      0,
    ],
  ] as const)('%s', (_, some, shape, points) => {
    expect(earned(objectives(some), shape)).toMatchObject({ earned: points, state: 'assessed' });
  });

  it('is not assessed when a check is missing, and says which', () => {
    const criterion = earned(drillOf(), { checks: integrityChecks(15_000).slice(0, 2) });
    expect(criterion).toMatchObject({ earned: 0, state: 'not-assessed' });
    expect(criterion.reason).toEqual({ en: expect.stringContaining('function'), zh: expect.stringContaining('功能') });
    expect(criterion.reason.en).not.toContain('hash');
  });
});

describe('process', () => {
  const manual = (id: string, some: Partial<Step> = {}): Step =>
    ({ id, verb: 'manual', text: id, continueOnFailure: false, ...some }) as Step;
  const drill = drillOf({
    phases: phases({
      kickoff: phase(manual('brief', { by: 'commander', withinMs: 1_000 })),
      execute: phase(
        ...drillOf().phases.execute.steps,
        manual('decide', { by: 'commander', withinMs: 1_000 }),
        manual('do', { by: 'technical', expectMs: 100 }),
      ),
      review: phase(manual('wash', { withinMs: 1_000 })),
    }),
  });
  const step = (id: string, fromMs: number, tookMs: number, answeredBy = 'alice'): readonly Timed[] =>
    stepRun(id, { fromMs, toMs: fromMs + tookMs }, { verb: 'manual', answeredBy });
  const kill = stepRun('kill', { fromMs: 6_000, toMs: 6_100 }, { verb: 'inject' });
  const steps = [
    ...step('brief', 5_000, 100),
    ...kill,
    ...step('decide', 7_000, 100),
    ...step('do', 8_000, 50, 'bob'),
    ...step('wash', 15_100, 100),
  ];
  const also = [
    check(1, 'x', 'pass', { place: 'steady-before' }),
    check(15_200, 'x', 'pass', { place: 'steady-after' }),
    [
      6_600,
      {
        type: 'recover.action',
        step: 'r',
        action: 'node.start',
        nodes: ['n1'],
        outcome: 'pass',
        detail: text,
        facts: {},
      },
    ] as Timed,
  ];

  it('is full when all was done as planned', () => {
    const { criterion } = run(drill, killed({ more: [...steps, ...also] }));
    expect(criterion('plan-followed')).toMatchObject({ earned: 10, state: 'assessed' });
    expect(criterion('roles')).toMatchObject({ earned: 8, state: 'assessed' });
    expect(criterion('nothing-left-out')).toMatchObject({ earned: 7, state: 'assessed' });
  });

  it('is proportional to what holds, and names what does not', () => {
    // Of the four timed steps one is slow (do: 200 > 100), one out of order (decide begins before brief).
    const mixed = [
      ...step('decide', 4_000, 100, 'bob'),
      ...step('brief', 5_000, 100),
      ...kill,
      ...step('do', 8_000, 200, 'chen'),
      ...step('wash', 15_100, 100),
    ];
    const { criterion } = run(drill, killed({ more: [...mixed, ...also] }));
    expect(criterion('plan-followed')).toMatchObject({ earned: 5 });
    expect(criterion('plan-followed').reason.en).toContain('do took longer');
    expect(criterion('plan-followed').reason.en).toContain('decide was out of order');
    // brief alice yes; decide bob no; do chen is unavailable: 1 of 3.
    expect(criterion('roles')).toMatchObject({ earned: 2.7 });
  });

  it('counts steps that were not run and contents that are missing', () => {
    // Planned 5 steps, wash not run; contents: environment, briefing, fault, recovery, availability, integrity, review:
    // review is missing with it. 10 of 12.
    const { criterion } = run(drill, killed({ more: [...steps.slice(0, -2), ...also] }));
    expect(criterion('nothing-left-out')).toMatchObject({ earned: 5.8 });
    expect(criterion('nothing-left-out').reason.zh).toContain('缺少：总结复盘');
  });

  it('says nothing about people when a file answered', () => {
    const events = journalOf([
      opened(drill, { scriptedAnswers: true }),
      ...byTime(killed({ more: [...steps, ...also] })),
    ]);
    const { criterion } = scored(events);
    expect(criterion('roles').state).toBe('not-assessed');
    expect(criterion('plan-followed').state).toBe('not-assessed');
    expect(criterion('nothing-left-out').state).toBe('assessed');
  });

  it('leaves out what a `when` rightly skipped', () => {
    const optional = drillOf({
      phases: phases({
        execute: phase(...drillOf().phases.execute.steps, manual('b', { when: { step: 'kill', is: 'fail' } })),
      }),
    });
    const { criterion } = run(optional, killed({ more: [...kill, ...also] }));
    expect(criterion('nothing-left-out').reason.en).not.toContain('b was not run');
  });
});

describe('roles', () => {
  it('are not kept by the name of a role', () => {
    const step: Step = { id: 'b', verb: 'manual', text: 'b', by: 'commander', continueOnFailure: false };
    const unfilled = drillOf({
      roles: { assigned: { commander: [] }, unavailable: [] },
      phases: phases({ execute: phase(...drillOf().phases.execute.steps, step) }),
    });
    const answered: Timed = [
      7_050,
      { type: 'manual.answered', step: 'b', by: 'commander', answeredBy: 'commander', done: true, note: null },
    ];
    const more = [
      ...stepRun('b', { fromMs: 7_000, toMs: 7_100 }, { verb: 'manual', answeredBy: 'commander' }),
      answered,
    ];
    const { m, criterion } = run(unfilled, killed({ more }));
    expect(criterion('roles')).toMatchObject({ earned: 0, state: 'assessed' });
    expect(m.people.manual[0]?.rightPerson).toBeNull();
  });
});

describe('ratings', () => {
  const situation: Step = {
    id: 's1',
    verb: 'situation',
    situation: { tell: 'the backup is damaged', expected: 'the one before', rate: true, estimate: false },
    continueOnFailure: false,
  };
  const { traffic: _, ...tabletop } = drillOf({
    kind: 'tabletop',
    roles: { assigned: { commander: ['alice'], evaluator: ['eve', 'alice', 'finn'] }, unavailable: ['finn'] },
    phases: phases({ execute: phase(situation) }),
  });
  const rated = (ratedBy: string | null, answeredBy = 'alice', drill: Drill = tabletop) => {
    const { tell, expected } = situation.verb === 'situation' ? situation.situation : { tell: '', expected: '' };
    const body: BodyOf<'situation.played'> = {
      type: 'situation.played',
      step: 's1',
      tell,
      expected,
      channel: null,
      tellAt: null,
      played: true,
      notPlayedBecause: null,
      answer: 'the one before',
      answeredBy,
      rating: 5,
      ratedBy,
      estimateMs: null,
    };
    const steps = stepRun('s1', { fromMs: 10, toMs: 20 }, { verb: 'situation', answeredBy });
    return run(drill, steps, [[15, body], ended(30)]).criterion('integrity');
  };

  it('count by an evaluator of the drill', () => {
    expect(rated('eve')).toMatchObject({ state: 'assessed', earned: 25 });
  });

  it.each([
    ['of nobody', null, 'nobody signed'],
    ['of a person who holds no such role', 'bob', 'bob is not an evaluator'],
    ['of an evaluator who is away', 'finn', 'finn is not an evaluator'],
    ['of the one who answered', 'alice', 'alice rated an answer of their own'],
  ])('do not count: %s', (_name, ratedBy, why) => {
    const criterion = rated(ratedBy);
    expect(criterion).toMatchObject({ state: 'not-assessed', earned: 0 });
    expect(criterion.reason.en).toContain(why);
  });

  it('do not count in a drill without evaluators', () => {
    const nobody = { ...tabletop, roles: { assigned: { commander: ['alice'] }, unavailable: [] } };
    expect(rated('eve', 'alice', nobody)).toMatchObject({ state: 'not-assessed' });
  });
});

describe('problem handling', () => {
  const problem = (
    id: string,
    openMs: number,
    solvedMs: number | null,
    some: Partial<BodyOf<'problem.solved'>> = {},
  ): readonly Timed[] => [
    [openMs, { type: 'problem.opened', problem: id, title: id, priority: 'P0', by: 'bob', step: null }],
    ...(solvedMs === null
      ? []
      : [
          [
            solvedMs,
            { type: 'problem.solved', problem: id, solution: null, by: 'bob', fallback: null, decision: null, ...some },
          ] as Timed,
        ]),
  ];

  it('is not applicable without a problem', () => {
    const { criterion, score: whole } = run(drillOf(), killed({}));
    for (const id of ['solved-quickly', 'fallback', 'decisions']) expect(criterion(id).state).toBe('not-applicable');
    // No step has a planned time or a person: 30 + 25 + 7 are left.
    expect(whole?.assessable).toBe(62);
  });

  it('is the share that was solved, had a working fallback, was decided', () => {
    const more = [
      ...problem('a', 7_000, 8_000, { fallback: 'worked', decision: { by: 'alice', reason: 'data first' } }),
      ...problem('b', 7_000, 9_000, { fallback: 'failed' }),
      ...problem('c', 7_000, null),
      ...problem('d', 7_000, 9_000),
    ];
    const { criterion } = run(drillOf(), killed({ more }));
    expect(criterion('solved-quickly').earned).toBe(6);
    expect(criterion('fallback').earned).toBe(3);
    expect(criterion('decisions').earned).toBe(1.5);
  });

  it('does not assess fallbacks that nobody spoke of', () => {
    expect(run(drillOf(), killed({ more: problem('a', 7_000, 8_000) })).criterion('fallback').state).toBe(
      'not-assessed',
    );
  });
});

describe('verdict', () => {
  const conditions = (result: { readonly conditions: ReadonlySet<string> }): readonly string[] => [
    ...result.conditions,
  ];

  it('passes a valid run within its objectives', () => {
    const good = run(drillOf(), killed({}));
    expect(good.m.validity.because).toEqual([]);
    expect(good.noScore).toBeNull();
    expect(good.score?.percent).toBeGreaterThanOrEqual(80);
    expect(conditions(good)).toEqual(['passed']);
    expect(good.outcome).toBe('pass');
  });

  it('misses by an objective, by the score, or by too little to assess', () => {
    expect(conditions(run(objectives({ rtoMs: 500 }), killed({})))).toEqual(['missed']);
    expect(conditions(run(drillOf({ scoring: { rubric: 'default', pass: 100 } }), killed({})))).toEqual(['missed']);
    const little = run(objectives({ rtoMs: null }), killed({}));
    expect(little.score).toMatchObject({ percent: null, assessable: 32 });
    expect(little.noScore?.en).toContain('32 of 100');
    expect(conditions(little)).toEqual(['missed']);
  });

  it('does not score a run that is not valid', () => {
    const result = run(
      drillOf(),
      killed({}).filter(([, body]) => body.type !== 'fault.confirmed'),
    );
    expect(result.score).toBeNull();
    expect(result.noScore?.en).toContain('not confirmed');
    expect(conditions(result)).toEqual(['not-valid']);
    expect(result.outcome).toBe('unknown');
  });

  it('tells refused, stopped, cut and our own error apart', () => {
    const stop = (ms: number): Timed => [ms, { type: 'run.stopping', cause: 'interrupt', detail: text }];
    const clean: Timed = [8_000, { type: 'residue.checked', by: 'run', checked: 1, left: [] }];
    const kill = [...fault({ requestedMs: 6_000, observedMs: 6_020 }), reverted(7_500, { cause: 'stop' })];
    expect(run(drillOf(), baseline(), [stop(6_000), ended(6_100, 'stopped')])).toMatchObject({
      outcome: 'skipped',
      conditions: new Set(['refused']),
    });
    expect(run(drillOf(), baseline(), kill, [stop(7_000), clean, ended(8_100, 'stopped')])).toMatchObject({
      outcome: 'unknown',
      conditions: new Set(['stopped', 'not-valid']),
    });
    const undone = reverted(6_200, { cause: 'stop', nothingToDo: true });
    const armedOnly = [...fault({ requestedMs: 6_000, observedMs: 6_020 }).slice(0, 1), stop(6_100), undone];
    expect(conditions(run(drillOf(), baseline(), armedOnly, [clean, ended(8_100, 'stopped')]))).toEqual(['refused']);
    expect(conditions(run(drillOf(), baseline(), kill, [clean]))).toEqual(['stopped', 'not-valid']);
    const broken: Timed = [7_000, { type: 'run.error', where: 'x', message: text }];
    expect(run(drillOf(), baseline(), kill, [broken, clean, ended(8_100, 'error')])).toMatchObject({
      outcome: 'error',
      conditions: new Set(['not-valid']),
    });
  });

  it('is loudest about what is still on', () => {
    const left: Timed = [
      15_600,
      { type: 'residue.checked', by: 'run', checked: 1, left: [{ undo: 'u1', what: text }] },
    ];
    const result = run(drillOf(), killed({ more: [left] }));
    expect(result.conditions.has('still-on')).toBe(true);
    expect(result.outcome).toBe('fail');
    const unseen = run(drillOf(), baseline(), fault({ requestedMs: 6_000, observedMs: 6_020 }));
    expect(conditions(unseen)).toContain('still-on');
    const failed = run(drillOf(), killed({ more: [reverted(15_400, { undo: 'u9', reverted: false })] }));
    expect(failed.conditions.has('still-on')).toBe(true);
  });
});

describe('explain', () => {
  it('prints every lost point with its reason, in both languages', () => {
    const { score: whole } = run(objectives({ rtoMs: 800 }), killed({ lost: [5_000] }));
    if (whole === null) throw new Error('scored');
    const en = explain(whole, 'en');
    expect(en).toContain('rto · Recovered within the RTO · −10 (20 of 30)');
    expect(en).toContain('integrity · No acknowledged data lost · −10 (15 of 25)');
    expect(en).toContain('solved-quickly · Problems solved quickly · not applicable (8)');
    expect(en).toContain('evidence: events');
    expect(en.trimEnd().endsWith(`${whole.earned} / ${whole.assessable} = ${whole.percent} / 100 (default@1)`)).toBe(
      true,
    );
    expect(explain(whole, 'zh')).toContain('失分及原因');
  });
});
