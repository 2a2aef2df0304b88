import { describe, expect, it } from 'vitest';
import type { Step } from '../../src/core/drill.js';
import { measure } from '../../src/measure/index.js';
import {
  baseline,
  beats,
  byTime,
  check,
  drillOf,
  ended,
  fault,
  integrityChecks,
  journalOf,
  opened,
  phase,
  phases,
  recoveryPlan,
  reverted,
  sixStepRestore,
  stepRun,
  type Timed,
  text,
} from './builder.js';

const manual = (id: string, some: Partial<Step> = {}): Step =>
  ({ id, verb: 'manual', text: id, continueOnFailure: false, ...some }) as Step;
const measured = (drill: Parameters<typeof opened>[0], ...events: readonly (readonly Timed[])[]) =>
  measure(journalOf([opened(drill), ...byTime(events.flat())]));

describe('steps and milestones', () => {
  const drill = drillOf({
    phases: phases({
      execute: phase(
        manual('confirm', { milestone: 'T+5m', withinMs: 1_000 }),
        manual('slow', { expectMs: 100 }),
        manual('never'),
      ),
    }),
  });
  const steps = [
    ...stepRun('confirm', { fromMs: 6_100, toMs: 7_020 }, { verb: 'manual', answeredBy: 'alice' }),
    ...stepRun('slow', { fromMs: 7_100, toMs: 7_300 }, { verb: 'manual' }),
  ];
  const kill = fault({ requestedMs: 6_000, observedMs: 6_020 });

  it('lists every planned step, those that never began as skipped', () => {
    const m = measured(drill, kill, steps, [ended(9_000)]);
    expect(m.steps.map(({ id, outcome, late, answeredBy }) => ({ id, outcome, late, answeredBy }))).toEqual([
      { id: 'confirm', outcome: 'pass', late: false, answeredBy: 'alice' },
      { id: 'slow', outcome: 'pass', late: true, answeredBy: null },
      { id: 'never', outcome: 'skipped', late: false, answeredBy: null },
    ]);
  });

  it('takes no probe for a briefing or a review', () => {
    const look: Step = {
      id: 'look',
      verb: 'check',
      probe: 'registry.leader',
      params: {},
      withinMs: 0,
      tolerance: { op: 'is', value: true },
      continueOnFailure: false,
    };
    const held = (step: Step) => {
      const held = drillOf({ phases: phases({ kickoff: phase(step) }) });
      const ran = stepRun(step.id, { fromMs: 10, toMs: 20 }, { verb: step.verb, phase: 'kickoff' });
      return measured(held, ran, [ended(100)]).contents.find(({ id }) => id === 'briefing')?.present;
    };
    expect(held(look)).toBe(false);
    expect(held(manual('briefing'))).toBe(true);
  });

  it('has no deadline for a check that takes one look', () => {
    const look = (withinMs: number): Step => ({
      id: `look-${withinMs}`,
      verb: 'check',
      probe: 'integrity.hash',
      params: {},
      withinMs,
      tolerance: { op: 'is', value: true },
      continueOnFailure: false,
    });
    const checks = drillOf({ phases: phases({ verify: phase(look(0), look(50)) }) });
    const m = measured(
      checks,
      stepRun('look-0', { fromMs: 10, toMs: 200 }),
      stepRun('look-50', { fromMs: 210, toMs: 400 }),
      [ended(500)],
    );
    expect(m.steps.map(({ withinMs, late }) => ({ withinMs, late }))).toEqual([
      { withinMs: null, late: false },
      { withinMs: 50, late: true },
    ]);
  });

  it('takes T+0 for the beginning of the step that names it', () => {
    const zero = drillOf({ phases: phases({ execute: phase(manual('alarm', { milestone: 'T+0' })) }) });
    const plan = { ...recoveryPlan, milestones: [{ id: 'T+0', atMs: 0, title: 'alarm' }] };
    const events = [
      ...byTime([
        [100, { type: 'phase.started', phase: 'execute' }],
        ...stepRun('alarm', { fromMs: 100, toMs: 5_000 }, { verb: 'manual' }),
      ]),
      ended(6_000),
    ];
    const m = measure(journalOf([opened(zero, { recoveryPlan: plan }), ...events]));
    expect(m.milestones[0]).toMatchObject({ id: 'T+0', actualMs: 0, state: 'on-time' });
  });

  it('is unknown, not skipped, when the journal breaks off inside a step', () => {
    const m = measured(drill, kill, steps.slice(0, 1));
    expect(m.steps[0]).toMatchObject({ outcome: 'unknown', endMs: null });
  });

  it('counts milestones from the effect of the first fault; later ones stay open', () => {
    const m = measured(drill, kill, steps, [ended(9_000)]);
    expect(m.milestones.map(({ id, actualMs, state, step }) => ({ id, actualMs, state, step }))).toEqual([
      { id: 'T+5m', actualMs: 1_000, state: 'on-time', step: 'confirm' },
      { id: 'T+24h', actualMs: null, state: 'open', step: null },
      { id: 'recovery-target', actualMs: null, state: 'open', step: null },
    ]);
  });

  it('is late after its time, and not in the drill when no step names it', () => {
    const late = stepRun('confirm', { fromMs: 6_100, toMs: 306_021 }, { verb: 'manual' });
    expect(measured(drill, kill, late, [ended(400_000)]).milestones[0]).toMatchObject({
      state: 'late',
      actualMs: 300_001,
    });
    const none = measured(drillOf(), kill, [ended(400_000)]).milestones[0];
    expect(none).toMatchObject({ state: 'not-in-drill', actualMs: null });
  });

  it('tells the level’s recovery target from the slowest judged operation', () => {
    const back = [
      ...beats({ op: 'register', fromMs: 6_100, toMs: 9_000 }),
      ...beats({ op: 'discover', fromMs: 6_500, toMs: 9_000 }),
    ];
    const m = measured(drillOf(), baseline(), kill, back, [ended(9_000)]);
    // discover: first success 6500 ends at 6505, 485 ms after the effect at 6020.
    expect(m.milestones.at(-1)).toMatchObject({
      id: 'recovery-target',
      actualMs: 485,
      state: 'on-time',
      plannedMs: 1_800_000,
    });
  });
});

describe('problems', () => {
  const open = (problem: string, ms: number, step: string | null = null): Timed => [
    ms,
    { type: 'problem.opened', problem, title: 'p', priority: 'P1', by: 'bob', step },
  ];

  it('are the recorded ones and the steps that failed without a record', () => {
    const drill = drillOf({
      phases: phases({ execute: phase(manual('a'), manual('b', { severity: 'P2' }), manual('c')) }),
    });
    const failed = (id: string) =>
      stepRun(id, { fromMs: 10, toMs: 20 }, { verb: 'manual', outcome: 'fail', reason: text });
    const m = measured(drill, failed('a'), failed('b'), stepRun('c', { fromMs: 20, toMs: 30 }), [
      open('p1', 15, 'a'),
      [
        40,
        {
          type: 'problem.solved',
          problem: 'p1',
          solution: 's',
          by: 'bob',
          fallback: 'worked',
          decision: { by: 'alice', reason: 'r' },
        },
      ],
      ended(50),
    ]);
    expect(
      m.problems.map(({ id, priority, openedMs, solvedMs, fallback, responseMs }) => ({
        id,
        priority,
        openedMs,
        solvedMs,
        fallback,
        responseMs,
      })),
    ).toEqual([
      { id: 'p1', priority: 'P1', openedMs: 15, solvedMs: 40, fallback: 'worked', responseMs: 1_800_000 },
      { id: 'step:b', priority: 'P2', openedMs: 20, solvedMs: null, fallback: null, responseMs: 7_200_000 },
    ]);
  });

  it('that are opened again are not solved by what solved them before', () => {
    const solve = (ms: number): Timed => [
      ms,
      { type: 'problem.solved', problem: 'p1', solution: null, by: 'bob', fallback: null, decision: null },
    ];
    const solvedAt = (...events: readonly Timed[]) =>
      measure(journalOf([opened(), ...events, ended(900)])).problems.map(({ solvedMs }) => solvedMs);
    expect(solvedAt(open('p1', 100), solve(200), open('p1', 300))).toEqual([200, null]);
    expect(solvedAt(open('p1', 100), solve(200), open('p1', 300), solve(400))).toEqual([200, 400]);
  });
});

describe('integrity', () => {
  it('counts only checks made after the last change', () => {
    const before = measured(drillOf(), integrityChecks(100), sixStepRestore(200), [ended(2_000)]);
    expect(before.integrity).toMatchObject({ count: 'skipped', hash: 'skipped', functional: 'skipped' });
    const after = measured(drillOf(), sixStepRestore(200), integrityChecks(1_500), [
      check(1_600, 'integrity.hash', 'fail'),
      ended(2_000),
    ]);
    expect(after.integrity).toMatchObject({ count: 'pass', hash: 'fail', functional: 'pass' });
  });
});

describe('people', () => {
  it('knows who holds a role and is there', () => {
    const answer = (step: string, by: string | null, answeredBy: string): Timed => [
      10,
      { type: 'manual.answered', step, by, answeredBy, done: true, note: null },
    ];
    const m = measured(drillOf(), [
      answer('a', 'commander', 'alice'),
      answer('b', 'commander', 'bob'),
      // chen holds the role but is unavailable.
      answer('c', 'technical', 'chen'),
      answer('d', null, 'bob'),
      answer('e', 'nobody-is-this', 'bob'),
    ]);
    expect(m.people.manual.map((row) => row.rightPerson)).toEqual([true, false, false, null, null]);
  });
});

describe('safety and residue', () => {
  it('reports the newest residue check, and undos that failed until one worked', () => {
    const kill = fault({ requestedMs: 6_000, observedMs: 6_020 });
    const failed = reverted(7_000, { cause: 'final', reverted: false });
    const left: Timed = [7_100, { type: 'residue.checked', by: 'run', checked: 1, left: [{ undo: 'u1', what: text }] }];
    const m = measured(drillOf(), kill, [failed, left, ended(7_200)]);
    expect(m.safety).toMatchObject({
      touched: ['n1'],
      open: [{ undo: 'u1' }],
      failedReverts: [{ undo: 'u1', step: 'kill' }],
    });
    expect(m.residue).toMatchObject({ checked: true, left: [{ undo: 'u1' }] });
    const healed = measure(
      journalOf([
        opened(),
        ...kill,
        failed,
        left,
        ended(7_200),
        [null, { type: 'recover.started', by: 'x', bootId: 'other', tornBytes: 0 }],
        [null, { ...reverted(0, { cause: 'recover-command' })[1] }],
        [null, { type: 'residue.checked', by: 'recover', checked: 1, left: [] }],
        [null, { type: 'recover.ended', clean: true }],
      ]),
    );
    expect(healed.safety).toMatchObject({ open: [], failedReverts: [] });
    expect(healed.residue).toMatchObject({ checked: true, left: [] });
  });

  it('says so when nobody looked', () => {
    expect(measured(drillOf(), [ended(10)]).residue).toEqual({ checked: false, left: [], evidence: [] });
  });
});

describe('availability', () => {
  it('counts per slice, with silence as an empty slice', () => {
    const m = measured(
      drillOf(),
      beats({ op: 'register', fromMs: 0, toMs: 300 }),
      beats({ op: 'register', fromMs: 500, toMs: 600, outcome: 'failed' }),
      [ended(700)],
    );
    const [band] = m.availability;
    expect(band).toMatchObject({ operation: 'register', attempts: 4, ok: 3, failed: 1, unknown: 0, sliceMs: 100 });
    expect(band?.slices.map(({ fromMs, ok, bad, maxMs }) => [fromMs, ok, bad, maxMs])).toEqual([
      [0, 1, 0, 5],
      [100, 1, 0, 5],
      [200, 1, 0, 5],
      [300, 0, 0, null],
      [400, 0, 0, null],
      [500, 0, 1, 5],
    ]);
    expect(m.canary).toEqual({ attempts: 4, lagP99Ms: 0, lagMaxMs: 0 });
  });

  it('keeps the number of slices small in a long run', () => {
    const m = measured(drillOf(), beats({ op: 'register', fromMs: 0, toMs: 3_600_000, everyMs: 5_000 }));
    expect(m.availability[0]?.slices.length).toBeLessThanOrEqual(240);
  });
});
