import { describe, expect, it } from 'vitest';
import type { Drill, Step } from '../../src/core/drill.js';
import type { BodyOf } from '../../src/core/journal.js';
import { measure } from '../../src/measure/index.js';
import {
  baseline,
  beats,
  byTime,
  check,
  drillOf,
  ended,
  fault,
  journalOf,
  ledgerRead,
  opened,
  phase,
  phases,
  reverted,
  sixStepRestore,
  stepRun,
  type Timed,
  text,
} from './builder.js';

const codes = (drill: Drill, ...events: readonly (readonly Timed[])[]): readonly string[] =>
  measure(journalOf([opened(drill), ...byTime(events.flat())])).validity.because.map((r) => r.code);

const kill = [...fault({ requestedMs: 6_000, observedMs: 6_020 }), reverted(6_500)];
const after = [
  ...beats({ op: 'register', fromMs: 6_000, toMs: 9_000 }),
  ...beats({ op: 'discover', fromMs: 6_050, toMs: 9_000 }),
];
const read = ledgerRead(9_500, { n1: {} });
const end = [ended(10_000)];

describe('fault injection', () => {
  it('is valid with a confirmed fault, traffic and a baseline', () => {
    expect(codes(drillOf(), baseline(), kill, after, read, end)).toEqual([]);
  });

  it.each([
    [
      'no effect confirmed',
      () => [baseline(), fault({ requestedMs: 6_000, observedMs: 6_020, bitten: null }), after],
      ['effect-not-confirmed', 'no-fault', 'objective-unknown'],
    ],
    [
      'no traffic at all',
      () => [kill],
      ['no-traffic', 'objective-unknown', 'objective-unknown', 'objective-unknown', 'ledger-unknown'],
    ],
    // 40 register and 40 discover attempts in 4 s.
    [
      'a short baseline',
      () => [baseline(4_000), fault({ requestedMs: 4_000, observedMs: 4_020 }), after],
      ['baseline-too-few', 'baseline-too-short', 'baseline-too-few', 'baseline-too-short'],
    ],
    [
      'a bad baseline',
      () => [baseline(), beats({ op: 'register', fromMs: 10, toMs: 110, outcome: 'failed' }), kill, after],
      ['baseline-not-good'],
    ],
    [
      'one more fault that did not bite',
      () => [
        baseline(),
        kill,
        fault({ undo: 'u2', step: 'k2', requestedMs: 6_100, observedMs: 6_200, bitten: false }),
        after,
      ],
      ['effect-not-confirmed'],
    ],
    [
      'an error of ours',
      () => [baseline(), kill, after, [[9_000, { type: 'run.error', where: 'run', message: text }] as Timed]],
      ['tool-error'],
    ],
  ])('is not valid: %s', (name, events, expected) => {
    const reading = name === 'no traffic at all' ? [] : read;
    expect(codes(drillOf(), ...events(), reading, end)).toEqual(expected);
  });

  it('wants a baseline of discover too when the objective is register and the fault is on data', () => {
    const drill = drillOf({ objectives: { ...drillOf().objectives, operation: 'register' } });
    const registers = baseline().filter(([, body]) => body.type !== 'attempt' || body.op === 'register');
    const on = (scope: 'node' | 'data') =>
      codes(drill, registers, fault({ requestedMs: 6_000, observedMs: 6_020, scope }), after, read, end);
    expect(on('data')).toContain('baseline-missing');
    expect(on('node')).not.toContain('baseline-missing');
  });

  it('counts the baseline up to the fault only', () => {
    const late = [
      ...baseline(3_000),
      ...fault({ requestedMs: 3_000, observedMs: 3_010 }),
      ...beats({ op: 'register', fromMs: 3_000, toMs: 12_000 }),
      ...beats({ op: 'discover', fromMs: 3_000, toMs: 12_000 }),
    ];
    expect(codes(drillOf(), late, ledgerRead(12_000, { n1: {} }), [ended(13_000)])).toContain('baseline-too-few');
  });
});

describe('a run that ended early', () => {
  const stop = (ms: number): Timed => [ms, { type: 'run.stopping', cause: 'interrupt', detail: text }];

  it('has only that reason when nothing had been broken', () => {
    expect(codes(drillOf(), baseline(), [stop(6_000), ended(6_100, 'stopped')])).toEqual(['not-begun']);
    expect(codes(drillOf(), [ended(10, 'refused')])).toEqual(['not-begun']);
    expect(codes(drillOf(), baseline())).toEqual(['not-begun']);
  });

  it('is not valid once something was broken', () => {
    expect(codes(drillOf(), baseline(), kill, [stop(7_000), ended(7_100, 'stopped')])).toEqual(['ended-early']);
    expect(codes(drillOf(), baseline(), kill)).toEqual(['ended-early']);
  });

  it('counts as broken from the request on, not from the undo record', () => {
    const armed = fault({ requestedMs: 6_000, observedMs: 6_020 }).slice(0, 1);
    expect(codes(drillOf(), baseline(), armed)).toEqual(['not-begun']);
    const what = { undo: 'u1', step: 'kill', fault: 'node.kill', nodes: ['n1'] };
    const requested: Timed = [6_001, { type: 'fault.requested', ...what, requestedMs: 6_001 }];
    expect(codes(drillOf(), baseline(), armed, [requested])).toEqual(['ended-early', 'effect-not-confirmed']);
    const m = measure(journalOf([opened(), ...baseline(), ...armed, requested]));
    expect(m.faults[0]?.detail.en).toContain('did not come back');
    expect(m.safety.touched).toEqual(['n1']);
    expect(measure(journalOf([opened(), ...baseline(), ...armed])).safety.touched).toEqual([]);
    expect(codes(drillOf(), baseline(), sixStepRestore(6_000).slice(0, 1))).toContain('ended-early');
    const ours: Timed = [100, { type: 'undo.armed', undo: 'u0', undoer: 'canary', step: '', nodes: [] }];
    expect(codes(drillOf(), [ours], baseline())).toEqual(['not-begun']);
  });

  it('says how it ended', () => {
    const m = measure(journalOf([opened(), ...baseline(1_000), stop(1_000), ended(1_100, 'stopped')]));
    expect(m.run).toMatchObject({ endedEarly: true, ending: 'stopped', stopCause: 'interrupt', durationMs: 1_100 });
    const cut = measure(journalOf([opened(), ...baseline(1_000)]));
    expect(cut.run).toMatchObject({ endedEarly: true, ending: 'cut', stopCause: null });
    const completed = measure(
      journalOf([opened(), ended(5), [null, { type: 'recover.started', by: 'x', bootId: 'c', tornBytes: 3 }]]),
    );
    expect(completed.run).toMatchObject({ endedEarly: false, ending: 'completed', durationMs: 5 });
  });
});

describe('full flow', () => {
  const drill = drillOf({ kind: 'full-flow' });
  const afterRestore = [
    ...beats({ op: 'register', fromMs: 6_000, toMs: 12_000 }),
    ...beats({ op: 'discover', fromMs: 6_050, toMs: 12_000 }),
  ];
  const whole = (restore: readonly Timed[]) =>
    codes(drill, baseline(), kill, restore, afterRestore, ledgerRead(12_500, { n1: {} }), [ended(13_000)]);

  it('needs a restore in six proven steps', () => {
    expect(whole(sixStepRestore(8_000))).toEqual([]);
    expect(whole([])).toEqual(['no-six-step-restore']);
    expect(whole(sixStepRestore(8_000, { without: ['clear'] }))).toEqual(['no-six-step-restore']);
    expect(whole(sixStepRestore(8_000, { outcome: 'fail' as 'pass' }))).toEqual(['no-six-step-restore']);
  });

  it('judges the six steps, not our look at the archive before them', () => {
    const told = (name: string): readonly Timed[] =>
      sixStepRestore(8_000).map(([ms, body]) => [
        ms,
        body.type === 'restore.substep' && body.name === name ? { ...body, outcome: 'unknown' } : body,
      ]);
    expect(whole(told('check-archive'))).toEqual([]);
    expect(whole(told('verify'))).toEqual(['no-six-step-restore']);
  });

  it.each(['stop', 'restore', 'start'])('needs the process ids or file hashes of %s', (name) => {
    const unproven = sixStepRestore(8_000).map(
      ([ms, body]): Timed => [
        ms,
        'facts' in body && 'name' in body && body.name === name ? { ...body, facts: {} } : body,
      ],
    );
    expect(whole(unproven)).toEqual(['no-six-step-restore']);
  });
});

describe('partial', () => {
  const { traffic: _, ...quiet } = drillOf({
    kind: 'partial',
    objectives: { rtoMs: null, rpoTimeMs: null, rpoRecords: null, stableForMs: 1_000, requiredRate: 0.99 },
  });
  const checkStep: Step = {
    id: 'c',
    verb: 'check',
    probe: 'registry.writable',
    params: {},
    withinMs: 0,
    tolerance: { op: 'is', value: true },
    continueOnFailure: false,
  };
  const recoverStep: Step = {
    id: 'r',
    verb: 'recover',
    action: 'node.restart',
    on: { by: { kind: 'role', role: 'any' } },
    continueOnFailure: false,
  };
  const recovered = (outcome: 'pass' | 'fail', pids: readonly (number | null)[] = [11, 12]): Timed => {
    const [before = null, after = null] = pids;
    const facts = { before: { n1: before }, after: { n1: after } };
    return [
      500,
      { type: 'recover.action', step: 'r', action: 'node.restart', nodes: ['n1'], outcome, detail: text, facts },
    ];
  };

  it('is a rehearsal with checks only, and judges no objective', () => {
    const drill = { ...quiet, objectives: drillOf().objectives, phases: phases({ verify: phase(checkStep) }) };
    const m = measure(journalOf([opened(drill), check(10, 'registry.writable'), ended(20)]));
    expect(m.validity).toEqual({ valid: true, because: [] });
    expect(m.objectives).toEqual([]);
  });

  it('needs something that took effect when it means to do something', () => {
    const drill = { ...quiet, phases: phases({ execute: phase(recoverStep) }) };
    expect(codes(drill, [recovered('pass')], end)).toEqual([]);
    expect(codes(drill, [recovered('fail')], end)).toEqual(['nothing-took-effect']);
    // Started what ran already: the same process as before.
    expect(codes(drill, [recovered('pass', [11, 11])], end)).toEqual(['nothing-took-effect']);
    expect(codes(drill, [recovered('pass', [null, 12])], end)).toEqual([]);
    expect(codes(drill, [recovered('pass', [11, null])], end)).toEqual(['nothing-took-effect']);
    expect(codes(drill, end)).toEqual(['nothing-took-effect']);
  });
});

describe('tabletop', () => {
  const situation: Step = {
    id: 's1',
    verb: 'situation',
    situation: { tell: 'power loss', expected: 'call', rate: true, estimate: false },
    continueOnFailure: false,
  };
  const { traffic: _, ...drill } = drillOf({ kind: 'tabletop', phases: phases({ execute: phase(situation) }) });
  const play = (some: Partial<BodyOf<'situation.played'>>): readonly Timed[] => [
    ...stepRun('s1', { fromMs: 100, toMs: 200 }, { verb: 'situation' }),
    [
      150,
      {
        type: 'situation.played',
        step: 's1',
        tell: 'power loss',
        expected: 'call',
        channel: null,
        tellAt: null,
        played: true,
        notPlayedBecause: null,
        answer: 'we call',
        answeredBy: 'alice',
        rating: 5,
        ratedBy: 'eve',
        estimateMs: null,
        ...some,
      },
    ],
  ];

  it.each([
    ['played and signed', play({}), []],
    [
      'not played, with a reason',
      play({ played: false, notPlayedBecause: 'no time', answer: null, answeredBy: null }),
      [],
    ],
    ['not played, without a reason', play({ played: false, answer: null }), ['situation-without-reason']],
    ['an answer without a name', play({ answeredBy: null }), ['answer-without-name']],
    ['the name of a role is no name', play({ answeredBy: 'commander' }), ['answer-without-name']],
    ['never asked', [], ['situation-not-played']],
  ])('%s', (_name, events, expected) => {
    expect(codes(drill, events, end)).toEqual(expected);
  });
});
