/** In which order things happen, whatever happens. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Step } from '../../src/core/drill.js';
import { WorldError } from '../../src/core/errors.js';
import { bi } from '../../src/core/text.js';
import { type FakeFault, FakeWorld, injectStep, isTrue, step } from './fake-world.js';

const BITES: FakeFault = { name: 'node.kill', liftedBy: ['node.start'] };
const lines = (world: FakeWorld, wanted: RegExp): string[] => world.calls.filter((call) => wanted.test(call));

describe('a whole drill', () => {
  it('goes from canaries to residue in the order that the meanings need', async () => {
    const world = new FakeWorld();
    world.probeValues.set('good', true);
    const end = await world.run({
      faults: [BITES],
      drill: { steadyState: [{ probe: 'good', params: {}, withinMs: 0, tolerance: isTrue }] },
      phases: { execute: [injectStep('kill', 'node.kill')], verify: [step({ id: 'w', verb: 'wait', waitMs: 10 })] },
    });
    expect(end).toEqual({ ending: 'completed', clean: true, left: [], stopped: null });
    expect(world.calls).toEqual([
      'arm canary',
      'traffic start',
      'probe good',
      'prepare node.kill',
      'arm node.kill',
      'inject node.kill',
      'traffic stop-writers',
      'traffic read-ledger',
      'probe good',
      'traffic stop',
      'revert node.kill',
      'residue node.kill',
      'revert canary',
      'residue canary',
    ]);
    const types = world.events.map(({ type }) => type);
    expect(types.at(-1)).toBe('run.ended');
    expect(types.filter((type) => type === 'undo.armed' || type.startsWith('fault.')).slice(-4)).toEqual([
      'undo.armed',
      'fault.requested',
      'fault.injected',
      'fault.confirmed',
    ]);
    expect(world.of('undo.reverted').map(({ cause }) => cause)).toEqual(['final', 'final']);
    expect(world.of('phase.started').map(({ phase }) => phase)).toEqual([
      'prepare',
      'kickoff',
      'execute',
      'verify',
      'review',
    ]);
    expect(world.of('check.sampled').map(({ place }) => place)).toEqual(['steady-before', 'steady-after']);
  });

  it('waits for a baseline of 50 attempts and 5 s before anything is broken', async () => {
    const world = new FakeWorld();
    await world.run({ faults: [BITES], phases: { execute: [injectStep('kill', 'node.kill')] } });
    const [started] = world.of('phase.started');
    const [kickoff] = world.of('phase.started').slice(1);
    expect((kickoff?.ms ?? 0) - (started?.ms ?? 0)).toBeGreaterThanOrEqual(5_000);
  });

  it('wants a good baseline of discover too where only register is the objective: a fault on data is judged on both', async () => {
    const world = new FakeWorld();
    world.badReads = 1_000;
    const objectives = { rtoMs: 1, rpoTimeMs: null, rpoRecords: null, stableForMs: 2_000, requiredRate: 0.99 };
    const end = await world.run({
      faults: [{ name: 'service.delete', scope: 'data', removesVoter: false }],
      drill: { objectives: { ...objectives, operation: 'register' } },
      phases: { execute: [injectStep('d', 'service.delete', { on: null })] },
    });
    expect(end.ending).toBe('refused');
    expect(end.stopped?.detail.en).toMatch(/No good baseline .*\(discover 0\//);
    expect(lines(world, /^inject/)).toEqual([]);
  });

  it('is refused without a good baseline', async () => {
    const world = new FakeWorld();
    world.bad = 40;
    const end = await world.run({ faults: [BITES], phases: { execute: [injectStep('kill', 'node.kill')] } });
    expect(end.ending).toBe('refused');
    expect(end.stopped?.detail.en).toMatch(/baseline/);
    expect(lines(world, /^inject/)).toEqual([]);
    expect(world.of('step.ended')).toMatchObject([{ step: 'kill', outcome: 'skipped' }]);
  });
});

describe('gates', () => {
  const good = { probe: 'good', params: {}, withinMs: 300, tolerance: isTrue } as const;

  it.each([
    ['is false', false],
    ['cannot be told', null],
    ['throws', undefined],
  ])('an unsteady state that %s refuses the drill', async (_what, value) => {
    const world = new FakeWorld();
    if (value !== undefined) world.probeValues.set('good', value);
    const end = await world.run({
      faults: [BITES],
      drill: { steadyState: [good] },
      phases: { execute: [injectStep('kill', 'node.kill')] },
    });
    expect(end).toMatchObject({ ending: 'refused', clean: true });
    expect(lines(world, /^inject/)).toEqual([]);
    const [sampled] = world.of('check.sampled');
    expect(sampled?.outcome).toBe(value === false ? 'fail' : 'unknown');
    expect(sampled?.waitedMs).toBeGreaterThanOrEqual(300);
  });

  it('refuses before the first fault and stops after it', async () => {
    const before = new FakeWorld();
    before.probeValues.set('good', false);
    const phases = { execute: [injectStep('kill', 'node.kill')] };
    expect((await before.run({ faults: [BITES], phases, gates: { kickoff: [good] } })).ending).toBe('refused');
    const after = new FakeWorld();
    after.probeValues.set('good', false);
    expect((await after.run({ faults: [BITES], phases, gates: { execute: [good] } })).ending).toBe('stopped');
    expect(lines(after, /^revert/)).toEqual(['revert node.kill', 'revert canary']);
  });

  it('breaks nothing in prepare', async () => {
    const world = new FakeWorld();
    const end = await world.run({ faults: [BITES], phases: { prepare: [injectStep('early', 'node.kill')] } });
    expect(end.ending).toBe('refused');
    expect(lines(world, /^inject/)).toEqual([]);
  });

  it('refuses when a step fails before anything was changed', async () => {
    const world = new FakeWorld();
    world.probeValues.set('other', false);
    const check = step({ id: 'c', verb: 'check', probe: 'other', params: {}, withinMs: 0, tolerance: isTrue });
    const phases = { kickoff: [check], execute: [injectStep('kill', 'node.kill')] };
    const end = await world.run({ faults: [BITES], phases });
    expect(end.ending).toBe('refused');
    const lenient = new FakeWorld();
    lenient.probeValues.set('other', false);
    const kickoff = [{ ...check, continueOnFailure: true }];
    expect((await lenient.run({ faults: [BITES], phases: { ...phases, kickoff } })).ending).toBe('completed');
  });

  it('refuses a target that changed between plan and run', async () => {
    const world = new FakeWorld();
    const phases = { execute: [injectStep('kill', 'node.kill')] };
    const end = await world.run({ faults: [BITES], phases, pids: { n1: 1, n2: 101, n3: 102 } });
    expect(end).toMatchObject({ ending: 'refused', stopped: { cause: 'guard' } });
    expect(world.calls).toEqual([]);
  });
});

describe('after the first fault', () => {
  it('a failed check goes on, and the failed step becomes a problem that its passing twin solves', async () => {
    const world = new FakeWorld();
    world.probeValues.set('other', false);
    const check = { verb: 'check', probe: 'other', params: {}, withinMs: 0, tolerance: isTrue } as const;
    world.onEvent = (event) => {
      if (event.type === 'problem.opened') world.probeValues.set('other', true);
    };
    const end = await world.run({
      faults: [BITES],
      phases: {
        execute: [injectStep('kill', 'node.kill'), step({ id: 'c1', ...check }), step({ id: 'c2', ...check })],
      },
    });
    expect(end.ending).toBe('completed');
    expect(world.of('step.ended').map(({ outcome }) => outcome)).toEqual(['pass', 'fail', 'pass']);
    expect(world.of('problem.opened')).toMatchObject([{ problem: 'step-c1', priority: 'P1', by: 'firedrill' }]);
    expect(world.of('problem.solved')).toMatchObject([{ problem: 'step-c1' }]);
  });

  it.each(['not', 'unknown', 'throw'] as const)(
    'a fault whose confirmation says %s ends the drill, completed',
    async (confirm) => {
      const world = new FakeWorld();
      const end = await world.run({
        faults: [{ ...BITES, confirm }],
        phases: { execute: [injectStep('kill', 'node.kill'), step({ id: 'w', verb: 'wait', waitMs: 1 })] },
      });
      expect(end).toMatchObject({ ending: 'completed', clean: true, stopped: null });
      expect(world.of('fault.confirmed')).toMatchObject([{ bitten: confirm === 'not' ? false : null }]);
      expect(world.of('step.ended').map(({ outcome }) => outcome)).toEqual([
        confirm === 'not' ? 'fail' : 'unknown',
        'skipped',
      ]);
      expect(lines(world, /^revert/)).toEqual(['revert node.kill', 'revert canary']);
    },
  );

  it('an undo that cannot be written means that nothing is injected, and the drill stops', async () => {
    const world = new FakeWorld();
    const end = await world.run({
      faults: [{ ...BITES, arm: 'throw' }],
      phases: { execute: [injectStep('kill', 'node.kill')] },
    });
    expect(end).toMatchObject({ ending: 'stopped', stopped: { cause: 'disk' } });
    expect(lines(world, /^inject/)).toEqual([]);
  });

  it('a journal that cannot be flushed stops the drill, and the reverts go on', async () => {
    const world = new FakeWorld();
    world.onEvent = (event) => {
      if (event.type === 'fault.confirmed') world.flushFails = true;
    };
    const wait = step({ id: 'w', verb: 'wait', waitMs: 60_000 });
    const end = await world.run({ faults: [BITES], phases: { execute: [injectStep('kill', 'node.kill'), wait] } });
    expect(end).toMatchObject({ ending: 'stopped', clean: true, stopped: { cause: 'disk' } });
    expect(lines(world, /^revert/)).toEqual(['revert node.kill', 'revert canary']);
  });

  it('a node that dies of its own stops the drill; one under a fault does not', async () => {
    const world = new FakeWorld();
    world.onEvent = (event) => {
      if (event.type === 'fault.confirmed') world.states.set('n1', { state: 'gone' });
    };
    const wait = step({ id: 'w', verb: 'wait', waitMs: 60_000 });
    const phases = { execute: [injectStep('kill', 'node.kill'), wait] };
    expect((await world.run({ faults: [BITES], phases })).ending).toBe('completed');
    const dying = new FakeWorld();
    dying.onEvent = (event) => {
      if (event.type === 'fault.confirmed') dying.states.set('n2', { state: 'gone' });
    };
    expect(await dying.run({ faults: [BITES], phases })).toMatchObject({
      ending: 'stopped',
      stopped: { cause: 'node-died' },
    });
  });

  it('the run has its own deadline', async () => {
    const world = new FakeWorld();
    const wait = step({ id: 'w', verb: 'wait', waitMs: 900_000 });
    const end = await world.run({ faults: [BITES], phases: { execute: [injectStep('kill', 'node.kill'), wait] } });
    expect(end).toMatchObject({ ending: 'stopped', clean: true, stopped: { cause: 'deadline' } });
    expect(world.of('step.ended').at(-1)).toMatchObject({ step: 'w', outcome: 'skipped' });
  });
});

describe('the writers', () => {
  const writersEndedAfterFault = async (outageMs: number): Promise<number> => {
    const world = new FakeWorld();
    let faultMs = 0;
    let endedMs = 0;
    world.onEvent = (event) => {
      if (event.type === 'fault.confirmed') {
        faultMs = event.observedMs;
        world.outage = { fromMs: faultMs, toMs: faultMs + outageMs };
      }
      if (event.type === 'ledger.settled') endedMs = world.clock.monotonicMs() - event.waitedMs;
    };
    await world.run({ faults: [BITES], phases: { execute: [injectStep('kill', 'node.kill')] } });
    return endedMs - faultMs;
  };

  it('go on until the recovery can be measured: stable for `stableFor`', async () => {
    expect(await writersEndedAfterFault(4_000)).toBeGreaterThanOrEqual(6_000);
    expect(await writersEndedAfterFault(4_000)).toBeLessThan(8_000);
  });

  it('end all the same when it never comes', async () => {
    expect(await writersEndedAfterFault(Number.POSITIVE_INFINITY)).toBeLessThan(15_000);
  });
});

describe('lifting faults', () => {
  it('`for` takes a fault off while later steps go on, and the end of execute waits for it', async () => {
    const world = new FakeWorld();
    await world.run({ faults: [BITES], phases: { execute: [injectStep('kill', 'node.kill', { forMs: 30_000 })] } });
    const [reverted] = world.of('undo.reverted');
    expect(reverted).toMatchObject({ cause: 'for', reverted: true });
    const confirmed = world.of('fault.confirmed')[0]?.observedMs ?? 0;
    expect((reverted?.ms ?? 0) - confirmed).toBeCloseTo(30_000, -2);
    expect(lines(world, /^revert node/)).toHaveLength(1);
    expect(world.calls.indexOf('revert node.kill')).toBeLessThan(world.calls.indexOf('traffic stop-writers'));
  });

  it('a `for` that runs out after a heal does not lift the next fault of that kind', async () => {
    const world = new FakeWorld();
    await world.run({
      faults: [BITES],
      phases: {
        execute: [
          injectStep('a', 'node.kill', { forMs: 1_000 }),
          step({ id: 'h', verb: 'heal', step: 'a' }),
          injectStep('b', 'node.kill'),
          step({ id: 'w', verb: 'wait', waitMs: 5_000 }),
        ],
      },
    });
    const reverted = world.of('undo.reverted').filter(({ undoer }) => undoer === 'node.kill');
    expect(reverted.map(({ step: of, cause }) => [of, cause])).toEqual([
      ['a', 'heal'],
      ['b', 'final'],
    ]);
    expect(lines(world, /^revert node/)).toHaveLength(2);
  });

  it('heal and recover take it off with their own cause', async () => {
    const world = new FakeWorld();
    const faults = [BITES, { name: 'node.freeze', liftedBy: ['node.resume'] }];
    const on = { by: { kind: 'step', step: 'k' } } as const;
    const end = await world.run({
      faults,
      phases: {
        execute: [
          injectStep('k', 'node.kill'),
          step({ id: 'r', verb: 'recover', action: 'node.start', on }),
          injectStep('f', 'node.freeze'),
          step({ id: 'h', verb: 'heal', step: 'f' }),
        ],
      },
    });
    expect(end.ending).toBe('completed');
    const causes = world.of('undo.reverted').map(({ undoer, cause }) => [undoer, cause]);
    expect(causes).toEqual([
      ['node.kill', 'recover-step'],
      ['node.freeze', 'heal'],
      ['canary', 'final'],
    ]);
    expect(world.of('recover.action')).toMatchObject([{ action: 'node.start', nodes: ['n1'], outcome: 'pass' }]);
  });

  it('a fault on two nodes stays on the list until both were recovered', async () => {
    const world = new FakeWorld();
    world.onEvent = (event) => {
      if (event.type !== 'fault.confirmed') return;
      world.states.set('n1', { state: 'gone' });
      world.states.set('n2', { state: 'gone' });
    };
    const both = { by: { kind: 'name', names: ['n1', 'n2'] } } as const;
    const start = (id: string, node: string) =>
      step({ id, verb: 'recover', action: 'node.start', on: { by: { kind: 'name', names: [node] } } });
    await world.run({
      faults: [BITES],
      phases: { execute: [injectStep('k', 'node.kill', { on: both }), start('r1', 'n1'), start('r2', 'n2')] },
    });
    expect(lines(world, /^(start|revert)/)).toEqual(['start n1', 'start n2', 'revert node.kill', 'revert canary']);
  });
});

describe('guards', () => {
  const two = [
    injectStep('a', 'node.kill'),
    injectStep('b', 'node.kill', { on: { by: { kind: 'name', names: ['n2'] } } }),
  ];

  it('a second fault that would take the majority stops the drill unless it is declared', async () => {
    const world = new FakeWorld();
    const safety = { maxDurationMs: 600_000, maxTargets: 3, allowQuorumLoss: false };
    const end = await world.run({ faults: [BITES], drill: { safety }, phases: { execute: two } });
    expect(end).toMatchObject({ ending: 'stopped', clean: true, stopped: { cause: 'guard' } });
    expect(end.stopped?.detail.en).toMatch(/majority/);
    expect(lines(world, /^inject/)).toHaveLength(1);
    const declared = new FakeWorld();
    expect((await declared.run({ faults: [BITES], phases: { execute: two } })).ending).toBe('completed');
  });

  it('two of a parallel group do not both count the same healthy nodes', async () => {
    const world = new FakeWorld();
    const safety = { maxDurationMs: 600_000, maxTargets: 3, allowQuorumLoss: false };
    const phases = { execute: [step({ id: 'p', verb: 'parallel', steps: two })] };
    const end = await world.run({ faults: [BITES], drill: { safety }, phases });
    expect(end).toMatchObject({ ending: 'stopped', stopped: { cause: 'guard' } });
    expect(lines(world, /^inject/)).toHaveLength(1);
  });

  it('counts the nodes that have a fault at one time', async () => {
    const world = new FakeWorld();
    const safety = { maxDurationMs: 600_000, maxTargets: 1, allowQuorumLoss: true };
    const end = await world.run({ faults: [BITES], drill: { safety }, phases: { execute: two } });
    expect(end.stopped?.detail.en).toMatch(/maxTargets/);
  });

  it.each([
    ['zero matching nodes', { by: { kind: 'site', site: 'mars' } }, 'n1'],
    ['no leader', { by: { kind: 'role', role: 'leader' } }, null],
  ] as const)('%s is refused', async (_what, on, leader) => {
    const world = new FakeWorld();
    world.leader = leader;
    const end = await world.run({ faults: [BITES], phases: { execute: [injectStep('k', 'node.kill', { on })] } });
    expect(end).toMatchObject({ ending: 'refused', stopped: { cause: 'guard' } });
    expect(lines(world, /^(prepare|inject)/)).toEqual([]);
  });

  it('finds leader and follower as they are now', async () => {
    const world = new FakeWorld();
    world.leader = 'n2';
    const on = (role: 'leader' | 'follower') => ({ by: { kind: 'role', role } }) as const;
    await world.run({
      faults: [BITES],
      phases: {
        execute: [
          injectStep('l', 'node.kill', { on: on('leader') }),
          injectStep('f', 'node.kill', { on: on('follower') }),
        ],
      },
    });
    expect(world.of('fault.injected').map(({ nodes }) => nodes)).toEqual([['n2'], ['n1']]);
  });
});

describe('restore', () => {
  const restore = step({ id: 'r', verb: 'restore', archive: 'x.tar.gz', expect: {} });
  const wipe: FakeFault = { name: 'registry.wipe', scope: 'data', removesVoter: false };
  const execute = [injectStep('wipe', 'registry.wipe', { on: null }), restore];

  it('pauses the writers, re-bases, commits, and takes the wipe off the list for good', async () => {
    const world = new FakeWorld();
    const end = await world.run({ faults: [wipe], phases: { execute } });
    expect(end).toMatchObject({ ending: 'completed', clean: true });
    expect(lines(world, /restore|traffic (pause|resume|rebase)|wipe/)).toEqual([
      'prepare registry.wipe',
      'arm registry.wipe',
      'inject registry.wipe',
      'restore prepare',
      'arm restore',
      'traffic pause',
      'restore execute',
      'traffic rebase',
      'restore commit',
      'revert restore',
      'traffic resume',
      'residue restore',
    ]);
    expect(world.of('undo.reverted').find(({ undoer }) => undoer === 'registry.wipe')).toMatchObject({
      cause: 'recover-step',
    });
  });

  it('with writers that go on, expects the archive as soon as it is in place', async () => {
    const world = new FakeWorld();
    const goOn = { ...restore, traffic: 'go-on' } as typeof restore;
    await world.run({ faults: [wipe], phases: { execute: [injectStep('wipe', 'registry.wipe', { on: null }), goOn] } });
    expect(lines(world, /^restore|traffic (pause|resume|rebase)/)).toEqual([
      'restore prepare',
      'traffic rebase',
      'restore execute',
      'restore commit',
    ]);
  });

  it.each(['execute', 'commit'] as const)('that fails in %s puts the old data back at once', async (failsIn) => {
    const world = new FakeWorld();
    await world.run({ faults: [wipe], phases: { execute }, restoreFailsIn: failsIn });
    expect(lines(world, /^(restore|revert)|resume/)).toEqual([
      'restore prepare',
      'restore execute',
      ...(failsIn === 'commit' ? ['restore commit'] : []),
      'revert restore',
      'traffic resume',
      'revert registry.wipe',
      'revert canary',
    ]);
    expect(world.of('step.ended').at(-1)).toMatchObject({ step: 'r', outcome: 'error' });
    expect(world.of('undo.reverted').find(({ undoer }) => undoer === 'restore')?.cause).toBe('rollback');
  });

  describe('that fails, with another place to go on', () => {
    const more = { ...restore, fallback: [{ way: 'archives', in: 'y.tar.gz' }] } as Step;
    const phases = { execute: [injectStep('wipe', 'registry.wipe', { on: null }), more] };
    const error = new WorldError({ code: 'node-gone', message: bi('n1 does not start', 'n1 无法启动') });

    it('puts the old data back first, then takes the next place', async () => {
      const world = new FakeWorld();
      const end = await world.run({ faults: [wipe], phases, firstRestoreFails: { error } });
      expect(end).toMatchObject({ ending: 'completed', clean: true });
      expect(lines(world, /^restore|revert restore|rebase/)).toEqual([
        ...['restore prepare', 'restore execute', 'revert restore'],
        ...['restore prepare', 'restore execute', 'traffic rebase', 'restore commit', 'revert restore'],
      ]);
      expect(world.of('restore.tried').map(({ place, outcome }) => [place, outcome])).toEqual([
        [0, 'taken'],
        [0, 'failed'],
        [1, 'taken'],
      ]);
      expect(world.of('step.ended').at(-1)).toMatchObject({ step: 'r', outcome: 'pass' });
    });

    it('takes no other place over data that could not be put back', async () => {
      const world = new FakeWorld();
      const end = await world.run({ faults: [wipe], phases, firstRestoreFails: { error, undo: 'fail' } });
      expect(end.clean).toBe(false);
      expect(lines(world, /^restore (prepare|execute)/)).toEqual(['restore prepare', 'restore execute']);
      expect(world.of('step.ended').at(-1)).toMatchObject({ step: 'r', outcome: 'fail' });
    });
  });

  it('of one service leaves the undo of another alone', async () => {
    const world = new FakeWorld();
    const del: FakeFault = { name: 'service.delete', scope: 'data', removesVoter: false };
    const of = (service: string) => injectStep(service, 'service.delete', { on: null, params: { service } });
    await world.run({
      faults: [del],
      phases: { execute: [of('pay'), of('ship'), { ...restore, services: ['pay'] } as Step] },
    });
    const reverted = world.of('undo.reverted').filter(({ undoer }) => undoer === 'service.delete');
    expect(reverted.map(({ step: of, cause }) => [of, cause])).toEqual([
      ['pay', 'recover-step'],
      ['ship', 'final'],
    ]);
  });
});

describe('steps', () => {
  it('`when` that does not hold skips, with its reason; `within` is a deadline; parallel ends with the slowest', async () => {
    const world = new FakeWorld();
    const end = await world.run({
      drill: { kind: 'partial' },
      phases: {
        execute: [
          step({ id: 'a', verb: 'wait', waitMs: 10 }),
          step({ id: 'b', verb: 'wait', waitMs: 10, when: { step: 'a', is: 'fail' } }),
          step({ id: 'c', verb: 'wait', waitMs: 5_000, withinMs: 1_000 }),
          step({
            id: 'p',
            verb: 'parallel',
            steps: [
              step({ id: 'p1', verb: 'wait', waitMs: 3_000 }),
              step({ id: 'p2', verb: 'wait', waitMs: 4_000, withinMs: 10 }),
            ],
          }),
        ],
      },
    });
    expect(end.ending).toBe('completed');
    const ended = new Map(world.of('step.ended').map((event) => [event.step, event]));
    expect(ended.get('b')).toMatchObject({ outcome: 'skipped', reason: { en: expect.stringContaining('a is fail') } });
    expect(ended.get('c')).toMatchObject({ outcome: 'fail', reason: { en: 'not done within 1s' } });
    expect(ended.get('c')?.tookMs).toBeCloseTo(1_000, -2);
    expect(ended.get('p')).toMatchObject({ outcome: 'fail' });
    expect(ended.get('p')?.tookMs).toBeCloseTo(3_000, -2);
    expect(world.of('step.started')).toHaveLength(world.of('step.ended').length);
  });

  it('an error of ours ends the run with its own ending, after the reverts', async () => {
    const world = new FakeWorld();
    const end = await world.run({
      faults: [BITES],
      phases: {
        execute: [
          injectStep('k', 'node.kill'),
          step({ id: 'c', verb: 'check', probe: 'no-such', params: {}, withinMs: 0, tolerance: isTrue }),
        ],
      },
    });
    expect(end).toMatchObject({ ending: 'error', clean: true });
    expect(world.of('run.error')).toMatchObject([{ where: 'c' }]);
    expect(lines(world, /^revert/)).toEqual(['revert node.kill', 'revert canary']);
  });

  it('a question that nobody can answer is unknown and refuses nothing', async () => {
    const world = new FakeWorld();
    const why = { en: 'nobody', zh: '无人' };
    const end = await world.run({
      faults: [BITES],
      people: { manual: async () => ({ answered: false, why }) },
      phases: { kickoff: [step({ id: 'm', verb: 'manual', text: 'go?' })], execute: [injectStep('k', 'node.kill')] },
    });
    expect(end.ending).toBe('completed');
    expect(world.of('step.ended')[0]).toMatchObject({ step: 'm', outcome: 'unknown', reason: why });
    expect(world.of('manual.answered')).toEqual([]);
  });

  it('a parallel group asks one question at a time', async () => {
    const world = new FakeWorld();
    let asking = 0;
    let most = 0;
    const manual = async () => {
      most = Math.max(most, ++asking);
      await world.clock.sleep(1_000);
      asking -= 1;
      return { answered: true, done: true, note: null, answeredBy: 'bob' } as const;
    };
    const members = ['a', 'b', 'c'].map((id) => step({ id, verb: 'manual', text: 'well?' }));
    await world.run({ people: { manual }, phases: { execute: [step({ id: 'p', verb: 'parallel', steps: members })] } });
    expect(most).toBe(1);
    expect(world.of('manual.answered').map(({ step: id }) => id)).toEqual(['a', 'b', 'c']);
  });

  it('a drill without a target runs without canaries and undos', async () => {
    const world = new FakeWorld();
    const end = await world.run({ target: false, phases: { execute: [step({ id: 'w', verb: 'wait', waitMs: 1 })] } });
    expect(end).toMatchObject({ ending: 'completed', clean: true });
    expect(world.calls).toEqual([]);
  });
});

describe('what is left', () => {
  it.each([
    [{ revert: 'fail' }, /said/],
    [{ revert: 'throw' }, /revert failed/],
    [{ revert: 'hang' }, /not done within/],
    [{ residue: 'left' }, /said/],
    [{ residue: 'throw' }, /could not be looked at/],
  ] as const)('%j is told and not clean, and the others are reverted all the same', async (bad, why) => {
    const world = new FakeWorld();
    const end = await world.run({
      faults: [BITES, { name: 'bad', ...bad }],
      phases: {
        execute: [
          injectStep('k', 'node.kill'),
          injectStep('b', 'bad', { on: { by: { kind: 'name', names: ['n2'] } } }),
        ],
      },
    });
    expect(end.clean).toBe(false);
    expect(end.left.map(({ what }) => what.en).join()).toMatch(why);
    const tries =
      'revert' in bad ? ['revert bad', 'revert node.kill', 'revert bad'] : ['revert bad', 'revert node.kill'];
    expect(lines(world, /^revert/)).toEqual([...tries, 'revert canary']);
  });

  it('an undo that needs what an older one brings back is tried again after it', async () => {
    const world = new FakeWorld();
    const end = await world.run({
      faults: [BITES, { name: 'service.delete', scope: 'data', revert: 'after node.kill' }],
      phases: { execute: [injectStep('k', 'node.kill'), injectStep('d', 'service.delete', { on: null })] },
    });
    expect(end).toMatchObject({ ending: 'completed', clean: true, left: [] });
    expect(world.of('undo.reverted').map(({ undoer, reverted }) => [undoer, reverted])).toEqual([
      ['service.delete', false],
      ['node.kill', true],
      ['service.delete', true],
      ['canary', true],
    ]);
    expect(world.outstanding()).toEqual([]);
  });

  it('the second tries share one deadline', async () => {
    const world = new FakeWorld();
    const hanging = ['a', 'b', 'c'].map((name) => ({ name, revert: 'hang', removesVoter: false }) as const);
    await world.run({
      faults: hanging,
      phases: { execute: hanging.map(({ name }) => injectStep(name, name)) },
    });
    expect(lines(world, /^revert [abc]$/)).toEqual(['c', 'b', 'a', 'c', 'b', 'a'].map((name) => `revert ${name}`));
    const ms = world.of('undo.reverted').map((event) => event.ms ?? 0);
    expect((ms[5] ?? 0) - (ms[2] ?? 0)).toBeGreaterThan(50_000);
    expect((ms[5] ?? 0) - (ms[2] ?? 0)).toBeLessThan(70_000);
  });
});

describe('the law of undoing', () => {
  const behaviour = fc.record(
    {
      prepare: fc.constantFrom('ok', 'ok', 'throw'),
      arm: fc.constantFrom('ok', 'ok', 'ok', 'throw'),
      inject: fc.constantFrom('ok', 'ok', 'throw', 'stop'),
      confirm: fc.constantFrom('bites', 'bites', 'not', 'unknown', 'throw'),
      revert: fc.constantFrom('ok', 'fail', 'throw', 'hang'),
      residue: fc.constantFrom('clean', 'left', 'throw'),
    } as const,
    { requiredKeys: [] },
  );
  const scenario = fc.record({
    faults: fc.array(
      fc.record({
        behaviour,
        continueOnFailure: fc.boolean(),
        forMs: fc.option(fc.constantFrom(1, 50), { nil: undefined }),
      }),
      { minLength: 1, maxLength: 5 },
    ),
    heals: fc.array(fc.nat(4), { maxLength: 2 }),
    stopAtEvent: fc.option(fc.nat(60), { nil: undefined }),
    flushFailsAtEvent: fc.option(fc.nat(60), { nil: undefined }),
  });

  it('whatever throws, hangs or stops: every armed undo is tried, newest first, and the journal gets its end', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async ({ faults, heals, stopAtEvent, flushFailsAtEvent }) => {
        const world = new FakeWorld();
        let seen = 0;
        world.onEvent = () => {
          seen += 1;
          if (seen === stopAtEvent) world.stop();
          if (seen === flushFailsAtEvent) world.flushFails = true;
        };
        const specs = faults.map(
          ({ behaviour: how }, index): FakeFault => ({ name: `f${index}`, removesVoter: false, ...how }),
        );
        const injects = faults.map(({ continueOnFailure, forMs }, index) =>
          injectStep(`s${index}`, `f${index}`, { continueOnFailure, ...(forMs === undefined ? {} : { forMs }) }),
        );
        const healing = heals.map((index, n) =>
          step({ id: `h${n}`, verb: 'heal', step: `s${index}`, continueOnFailure: true }),
        );
        const end = await world.run({ faults: specs, phases: { execute: [...injects, ...healing] } });

        const armed = world.of('undo.armed');
        const reverted = world.of('undo.reverted');
        expect(armed.map(({ undo }) => undo).filter((undo) => !reverted.some((event) => event.undo === undo))).toEqual(
          [],
        );
        const last = reverted
          .filter(({ cause }) => cause === 'final' || cause === 'stop')
          .map(({ undo }) => Number(undo.slice(1)));
        const first = last.filter((undo, at) => last.indexOf(undo) === at);
        const again = last.filter((undo, at) => last.indexOf(undo) !== at);
        // The canary's entries go last, with a second try of their own.
        const faultsFirst = first.filter((undo) => undo !== 1);
        expect(first).toEqual([...first].sort((a, b) => b - a));
        expect(last.slice(0, faultsFirst.length)).toEqual(faultsFirst);
        expect(again).toEqual([...again].sort((a, b) => b - a));
        expect(new Set(again).size).toBe(again.length);
        for (const call of world.calls.filter((line) => line.startsWith('inject'))) {
          const name = call.slice('inject '.length);
          expect(world.calls.indexOf(`arm ${name}`)).toBeGreaterThanOrEqual(0);
          expect(world.calls.indexOf(`arm ${name}`)).toBeLessThan(world.calls.indexOf(call));
        }
        const ok = reverted.filter((event) => event.reverted).map(({ undo }) => undo);
        expect(world.outstanding().map(({ id }) => id)).toEqual(
          armed.map(({ undo }) => undo).filter((undo) => !ok.includes(undo)),
        );
        if (end.clean) expect(world.outstanding()).toEqual([]);
        expect(world.events.at(-1)?.type).toBe('run.ended');
        expect(world.of('step.started')).toHaveLength(world.of('step.ended').length);
      }),
      { numRuns: 150 },
    );
  }, 60_000);
});
