/** The small parts of the executor that have a law of their own. */
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { canaryService } from '../../src/core/canary.js';
import { systemClock } from '../../src/core/clock.js';
import type { EventBody } from '../../src/core/journal.js';
import { readProcess } from '../../src/core/process-table.js';
import { seededRandom, shuffled } from '../../src/core/random.js';
import type { Run } from '../../src/run/context.js';
import { bounded } from '../../src/run/deadline.js';
import { guardAgainst } from '../../src/run/guard.js';
import { newRunId, recordProblem, watchProblems } from '../../src/run/index.js';
import { command } from '../../src/run/steps/command.js';
import { stopControl } from '../../src/run/stop.js';
import { step } from './fake-world.js';

const clock = systemClock;
const never = new Promise<never>(() => {});

describe('bounded', () => {
  const limits = { clock, withinMs: 30, parent: null, graceMs: 30 };

  it('gives the value or the error', async () => {
    expect(await bounded(async () => 1, limits)).toEqual({ ended: 'value', value: 1 });
    expect(await bounded(() => Promise.reject(new Error('no')), limits)).toMatchObject({ ended: 'thrown' });
    const sync = await bounded(() => {
      throw new Error('no');
    }, limits);
    expect(sync).toMatchObject({ ended: 'thrown', error: { message: 'no' } });
  });

  it('ends after the deadline and the grace even when the work ignores its signal', async () => {
    const fromMs = clock.monotonicMs();
    expect(await bounded(() => never, limits)).toEqual({ ended: 'late' });
    const tookMs = clock.monotonicMs() - fromMs;
    expect(tookMs).toBeGreaterThanOrEqual(55);
    expect(tookMs).toBeLessThan(500);
  });

  it('a parent that stops wins over what the work still answers, also when it had stopped before', async () => {
    const parent = new AbortController();
    const work = async (signal: AbortSignal): Promise<number> => {
      await clock.sleep(10_000, signal);
      return 1;
    };
    const pending = bounded(work, { ...limits, withinMs: null, parent: parent.signal });
    parent.abort();
    expect(await pending).toEqual({ ended: 'stopped' });
    expect(await bounded(work, { ...limits, withinMs: null, parent: parent.signal })).toEqual({ ended: 'stopped' });
  });
});

describe('stopControl', () => {
  it('takes the first reason, announces it before anything is cancelled, and forgets the later ones', () => {
    const outside = new AbortController();
    const told: string[] = [];
    const control = stopControl(outside.signal, ({ cause }) => told.push(`${cause} ${control.signal.aborted}`));
    const detail = { en: 'x', zh: 'x' };
    outside.abort({ cause: 'abort', detail });
    control.request({ cause: 'deadline', detail });
    expect(told).toEqual(['abort false']);
    expect(control.reason()).toEqual({ cause: 'abort', detail });
    expect(control.signal.aborted).toBe(true);
  });

  it('takes an abort without a reason for an interrupt', () => {
    const outside = new AbortController();
    outside.abort();
    expect(stopControl(outside.signal, () => {}).reason()?.cause).toBe('interrupt');
  });
});

describe('chance', () => {
  it('the same seed gives the same order, and an order loses nothing', () => {
    fc.assert(
      fc.property(fc.integer(), fc.array(fc.string()), (seed, items) => {
        const order = shuffled(items, seededRandom(seed));
        expect(order).toEqual(shuffled(items, seededRandom(seed)));
        expect([...order].sort()).toEqual([...items].sort());
      }),
    );
    const firsts = Array.from({ length: 60 }, (_, seed) => shuffled(['a', 'b', 'c'], seededRandom(seed))[0]);
    expect(new Set(firsts).size).toBe(3);
  });

  it('a run id has its time, its drill and four hex digits, where the canaries look for them', () => {
    const wallIso = () => '2026-11-22T10:15:00.123Z';
    expect(newRunId({ wallIso }, 'etcd-leader-loss', () => 0.4980469)).toBe('20261122T101500Z-etcd-leader-loss-7f80');
    expect(newRunId({ wallIso }, 'x', () => 0)).toBe('20261122T101500Z-x-0000');
    expect(newRunId({ wallIso }, 'x', () => 0.9999999)).toBe('20261122T101500Z-x-ffff');
    expect(
      canaryService(
        newRunId({ wallIso }, 'x-y', () => 0.5),
        1,
      ),
    ).toBe('firedrill-canary-1122101500-8000-01');
  });
});

describe('guardAgainst', () => {
  const safety = { maxDurationMs: 1, maxTargets: 9, allowQuorumLoss: false };
  const nodes = ['n1', 'n2', 'n3', 'n4', 'n5'];

  it('never lets fewer than the quorum vote, and never refuses what leaves it, for any state', () => {
    const subset = fc.subarray(nodes);
    fc.assert(
      fc.property(subset, subset, (aliveVoters, chosen) => {
        const refused = guardAgainst({ aliveVoters, quorum: 3, broken: [], chosen, removesVoter: true }, safety);
        const left = aliveVoters.filter((node) => !chosen.includes(node)).length;
        expect(refused !== null).toBe(left < 3);
      }),
    );
  });

  it('lets a fault pass that takes no vote', () => {
    const view = { aliveVoters: ['n1'], quorum: 3, broken: [], chosen: ['n1'], removesVoter: false };
    expect(guardAgainst(view, safety)).toBeNull();
  });
});

describe('problems from another terminal', () => {
  let dir = '';
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'firedrill-problems-'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));
  const opened = { type: 'problem.opened', problem: 'p', title: '慢', priority: 'P2', by: 'bob', step: null } as const;

  it('arrive once each, in order, also what was written before the watch and half lines later', async () => {
    const seen: EventBody[] = [];
    await recordProblem(dir, opened);
    const watch = watchProblems(dir, (event) => seen.push(event));
    appendFileSync(join(dir, 'problems.jsonl'), '{"type":"problem.solved","problem":"p","by":"b');
    await new Promise((resolve) => setTimeout(resolve, 50));
    appendFileSync(join(dir, 'problems.jsonl'), 'ob","solution":null,"fallback":null,"decision":null}\nrubbish\n');
    await watch.close();
    expect(seen.map((event) => event.type)).toEqual(['problem.opened', 'problem.solved', 'problem.opened']);
    expect(seen[0]).toEqual(opened);
    expect(seen[2]).toMatchObject({ problem: 'unreadable-problem', priority: 'P3' });
  });
});

describe('run', () => {
  const events: EventBody[] = [];
  const run = {
    services: { clock },
    cluster: null,
    drillDir: tmpdir(),
    archiveDir: join(tmpdir(), 'archives-of-the-run'),
    stateDir: join(tmpdir(), 'state-of-the-run'),
    nodes: { letGo: (_: readonly string[], work: () => Promise<unknown>) => work() },
    journal: { note: (event: EventBody) => events.push(event) },
  } as unknown as Run;
  const shell = (script: string, signal = new AbortController().signal) => {
    events.length = 0;
    const argv = ['sh', '-c', script];
    return command(run, step({ id: 'r', verb: 'run', argv }) as Parameters<typeof command>[1], signal);
  };

  it('passes on exit code 0 and fails on any other, with the end of what it said', async () => {
    expect(await shell('echo well')).toEqual({ outcome: 'pass', reason: null });
    expect(events).toMatchObject([{ type: 'command.ended', exitCode: 0, output: 'well\n' }]);
    expect(await shell('seq 1 9999; echo bad >&2; exit 3')).toMatchObject({ outcome: 'fail' });
    const [ended] = events;
    expect(ended).toMatchObject({ exitCode: 3, output: expect.stringMatching(/9999\n(bad\n)?$|bad\n$/) });
    expect(ended?.type === 'command.ended' && ended.output.length).toBe(4_096);
  });

  it('a program that is not there fails with its name', async () => {
    const argv = ['no-such-program'];
    const ended = await command(
      run,
      step({ id: 'r', verb: 'run', argv }) as Parameters<typeof command>[1],
      AbortSignal.any([]),
    );
    expect(ended).toMatchObject({ outcome: 'fail', reason: { en: expect.stringContaining('no-such-program') } });
  });

  it('hands nothing on but PATH, HOME and LANG', async () => {
    process.env.FIREDRILL_TEST_SECRET = 'hush';
    await shell('env | cut -d= -f1 | sort');
    delete process.env.FIREDRILL_TEST_SECRET;
    const [ended] = events;
    const names = ended?.type === 'command.ended' ? ended.output.trim().split('\n') : [];
    expect(names.filter((name) => !['HOME', 'LANG', 'OLDPWD', 'PATH', 'PWD', 'SHLVL', '_'].includes(name))).toEqual([]);
  });

  it('is killed with its children at the deadline', async () => {
    const ended = await bounded((signal) => shell('echo $$; sleep 60 & wait', signal), {
      clock,
      withinMs: 300,
      parent: null,
      graceMs: 5_000,
    });
    expect(ended.ended).toBe('late');
    const [event] = events;
    expect(event).toMatchObject({ type: 'command.ended', exitCode: null });
    const pid = event?.type === 'command.ended' ? Number(event.output) : 0;
    expect(pid).toBeGreaterThan(1);
    expect(readProcess(pid)).toBeNull();
  });
});
