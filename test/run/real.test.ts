/** The executor on real processes: what it breaks is broken, what it puts back is back. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canaryService } from '../../src/core/canary.js';
import { systemClock } from '../../src/core/clock.js';
import { invariant } from '../../src/core/errors.js';
import type { JournalEvent } from '../../src/core/journal.js';
import { readProcess } from '../../src/core/process-table.js';
import type { Entry, NativeBackup, NodeClient } from '../../src/core/registry.js';
import type { Cluster } from '../../src/core/target.js';
import { canaryUndoer } from '../../src/traffic/index.js';
import { type StartedLab, startLab } from '../support/cluster.js';
import { injectStep, isTrue, step } from './fake-world.js';
import { runReal } from './real-drill.js';

const onLeader = { by: { kind: 'role', role: 'leader' } } as const;
const onSame = (of: string) => ({ by: { kind: 'step', step: of } }) as const;
const complete = {
  verb: 'check',
  probe: 'discovery.complete',
  params: {},
  withinMs: 20_000,
  tolerance: { op: 'atLeast', value: 100, unit: 'percent' },
} as const;

let lab: StartedLab | null = null;
const cluster = (): Cluster => {
  invariant(lab, 'the lab is up');
  return lab.cluster;
};

beforeAll(async () => {
  lab = await startLab('antietcd-3', 23_000);
});
afterAll(async () => {
  await lab?.stop();
});

const pidsNow = async (): Promise<readonly (number | null)[]> =>
  Promise.all(
    cluster().binding.nodes.map(async (node) => {
      const state = await cluster().driver.inspect(node);
      return state.state === 'running' ? state.pid : null;
    }),
  );

async function entriesNow(): Promise<readonly Entry[]> {
  const { registry } = cluster();
  const lists = await Promise.all(registry.nodes.map((node) => registry.client(node).listOwn({ limitMs: 5_000 })));
  return lists.flatMap((answer) => {
    invariant(answer.outcome === 'ok', 'every node is readable after the drill');
    return answer.value;
  });
}

const canariesLeft = async (): Promise<number> =>
  (await entriesNow()).filter((entry) => entry.service.startsWith('firedrill-canary')).length;

const durableKeys = async (): Promise<readonly string[]> =>
  (await entriesNow()).map(({ service, instance, value }) => `${service}/${instance}=${value}`).sort();

describe('on three antietcd processes', () => {
  it('kills the leader, starts it again, and leaves the cluster as it was', async () => {
    const before = await pidsNow();
    const { end, of } = await runReal(cluster(), {
      phases: {
        execute: [
          injectStep('kill', 'node.kill', { on: onLeader }),
          step({ id: 'start', verb: 'recover', action: 'node.start', on: onSame('kill') }),
          step({ id: 'complete', ...complete }),
        ],
      },
    });
    expect(end).toEqual({ ending: 'completed', clean: true, left: [], stopped: null });
    const [killed] = of('fault.confirmed');
    expect(killed).toMatchObject({ fault: 'node.kill', bitten: true });
    expect((killed?.observedMs ?? 0) - (killed?.requestedMs ?? 0)).toBeLessThan(500);
    const [recovered] = of('recover.action');
    const [node] = recovered?.nodes ?? [];
    expect(recovered?.facts).toMatchObject({
      before: { [String(node)]: null },
      after: { [String(node)]: expect.any(Number) },
    });
    expect(of('undo.reverted').map(({ undoer, cause, nothingToDo }) => [undoer, cause, nothingToDo])).toEqual([
      ['node.kill', 'recover-step', true],
      ['canary', 'final', false],
    ]);
    expect(of('residue.checked')).toMatchObject([{ left: [] }]);
    expect(
      of('ledger.read')
        .filter(({ readable }) => readable)
        .map((read) => read.node)
        .sort(),
    ).toEqual(['n1', 'n2', 'n3']);
    const after = await pidsNow();
    expect(after.filter((pid, index) => pid !== before[index])).toHaveLength(1);
    expect(after).not.toContain(null);
    expect(await canariesLeft()).toBe(0);
  }, 60_000);

  it('freezes the leader for a time while the steps go on', async () => {
    const { end, of } = await runReal(cluster(), {
      phases: {
        execute: [
          injectStep('freeze', 'node.freeze', { on: onLeader, forMs: 3_000 }),
          step({ id: 'complete', ...complete }),
        ],
      },
    });
    expect(end).toMatchObject({ ending: 'completed', clean: true });
    const [thawed] = of('undo.reverted');
    expect(thawed).toMatchObject({ undoer: 'node.freeze', cause: 'for', reverted: true, nothingToDo: false });
    expect(thawed?.ms).toBeGreaterThanOrEqual((of('fault.confirmed')[0]?.observedMs ?? 0) + 2_990);
  }, 60_000);

  it('an interrupt while a fault is on: stopping is told at once, and the fault is taken off', async () => {
    const stop = new AbortController();
    let toldAfterMs = Number.NaN;
    const onEvent = (event: JournalEvent): void => {
      if (event.type !== 'fault.confirmed') return;
      setTimeout(() => {
        const sentMs = performance.now();
        waiting = () => {
          toldAfterMs = performance.now() - sentMs;
        };
        stop.abort({ cause: 'interrupt', detail: { en: 'received SIGINT', zh: '收到 SIGINT' } });
      }, 200);
    };
    let waiting = (): void => {};
    const { end, of } = await runReal(cluster(), {
      onEvent: (event) => {
        if (event.type === 'run.stopping') waiting();
        onEvent(event);
      },
      stop: stop.signal,
      phases: {
        execute: [
          injectStep('freeze', 'node.freeze', { on: onLeader }),
          step({ id: 'wait', verb: 'wait', waitMs: 60_000 }),
        ],
      },
    });
    expect(end).toMatchObject({ ending: 'stopped', clean: true, left: [], stopped: { cause: 'interrupt' } });
    expect(toldAfterMs).toBeLessThan(200);
    expect(of('undo.reverted').map(({ undoer, cause, reverted }) => [undoer, cause, reverted])).toEqual([
      ['node.freeze', 'stop', true],
      ['canary', 'stop', true],
    ]);
    expect(await pidsNow()).not.toContain(null);
    expect(await canariesLeft()).toBe(0);
  }, 60_000);

  it('backs up, wipes, restores in six steps, and finds everything again', async () => {
    const { end, of } = await runReal(cluster(), {
      drill: { kind: 'full-flow' },
      phases: {
        kickoff: [step({ id: 'backup', verb: 'backup', mode: 'full', to: 'local' })],
        execute: [
          injectStep('wipe', 'registry.wipe', { on: null }),
          step({ id: 'restore', verb: 'restore', archive: 'latest', expect: { start: 5_000 } }),
          step({ id: 'complete', ...complete }),
        ],
        verify: [
          step({ id: 'count', ...complete, probe: 'integrity.count', tolerance: isTrue }),
          step({ id: 'hash', ...complete, probe: 'integrity.hash', tolerance: isTrue }),
        ],
      },
    });
    const steps = of('step.ended').map(({ step: id, outcome, reason }) => [id, outcome, reason?.en]);
    expect(
      steps.map(([id, outcome]) => [id, outcome]),
      JSON.stringify(steps),
    ).toEqual(['backup', 'wipe', 'restore', 'complete', 'count', 'hash'].map((id) => [id, 'pass']));
    expect(end).toMatchObject({ ending: 'completed', clean: true, left: [] });
    expect(of('restore.substep').map(({ name }) => name)).toEqual([
      'check-archive',
      'stop',
      'clear',
      'restore',
      'verify',
      'start',
      'registrations',
    ]);
    expect(of('restore.chosen')).toMatchObject([{ file: of('backup.written')[0]?.file }]);
    const causes = of('undo.reverted').map(({ undoer, cause, nothingToDo }) => [undoer, cause, nothingToDo]);
    expect(causes).toEqual([
      ['restore', 'recover-step', true],
      ['registry.wipe', 'recover-step', true],
      ['canary', 'final', false],
    ]);
    expect(await canariesLeft()).toBe(0);
  }, 90_000);

  it('an interrupt in the middle of a backup ends it at once, and leaves no archive', async () => {
    const { registry } = cluster();
    const stop = new AbortController();
    let stoppedMs = 0;
    // A copy that takes long: it comes when nobody waits for it any more.
    const exportFrom: NativeBackup['exportFrom'] = async (node, options) => {
      stoppedMs = performance.now();
      stop.abort({ cause: 'interrupt', detail: { en: 'received SIGINT', zh: '收到 SIGINT' } });
      await systemClock.sleep(20_000, options.signal);
      return registry.backup.exportFrom(node, options);
    };
    const slow = { ...cluster(), registry: { ...registry, backup: { ...registry.backup, exportFrom } } };
    let endedMs = 0;
    const { end, of } = await runReal(slow, {
      stop: stop.signal,
      onEvent: ({ type }) => {
        if (type === 'step.ended') endedMs = performance.now();
      },
      phases: { kickoff: [step({ id: 'backup', verb: 'backup', mode: 'full', to: 'local' })] },
    });
    expect(end).toMatchObject({ clean: true, left: [], stopped: { cause: 'interrupt' } });
    expect(endedMs - stoppedMs).toBeLessThan(2_000);
    expect(of('step.ended')).toMatchObject([{ step: 'backup', outcome: 'skipped' }]);
    expect(of('backup.substep').map(({ name, outcome }) => [name, outcome])).toEqual([
      ['lock', 'not-applicable'],
      ['export', 'fail'],
    ]);
    expect(of('backup.written')).toEqual([]);
  }, 60_000);

  it('an interrupt in the middle of a restore puts the old data back', async () => {
    const before = await durableKeys();
    const stop = new AbortController();
    const { end, of } = await runReal(cluster(), {
      stop: stop.signal,
      onEvent: (event) => {
        if (event.type !== 'restore.substep' || event.name !== 'clear') return;
        stop.abort({ cause: 'interrupt', detail: { en: 'received SIGINT', zh: '收到 SIGINT' } });
      },
      phases: {
        kickoff: [step({ id: 'backup', verb: 'backup', mode: 'full', to: 'local' })],
        execute: [step({ id: 'restore', verb: 'restore', archive: 'latest', expect: {} })],
      },
    });
    expect(end).toMatchObject({ ending: 'stopped', clean: true, left: [], stopped: { cause: 'interrupt' } });
    expect(of('undo.reverted')[0]).toMatchObject({
      undoer: 'restore',
      cause: 'stop',
      reverted: true,
      nothingToDo: false,
    });
    expect(await pidsNow()).not.toContain(null);
    expect(await durableKeys()).toEqual(before);
  }, 60_000);

  it('takes away what a node that hung applies after the canary entries were listed', async () => {
    const { registry } = cluster();
    const runId = '20261122T101500Z-late-7f3a';
    const service = canaryService(runId, 0);
    const register = async (instance: string): Promise<void> => {
      const answer = await registry.client('n1').register({ service, instance, value: 'x' }, { limitMs: 5_000 });
      expect(answer.outcome).toBe('ok');
    };
    await register('listed');
    let late = 3;
    const client = (node: string): NodeClient => ({
      ...registry.client(node),
      deregister: async (entry, options) => {
        if (late > 0) await register(`late-${late--}`);
        return registry.client(node).deregister(entry, options);
      },
    });
    const world = { cluster: { ...cluster(), registry: { ...registry, client } }, clock: systemClock, stateDir: '' };
    expect(await canaryUndoer.revert(world, { runId })).toMatchObject({
      reverted: true,
      nothingToDo: false,
      detail: { en: '4 canary entries removed' },
    });
    expect(await canaryUndoer.residue(world, { runId })).toEqual([]);
  }, 60_000);

  it('a node that dies of its own stops the drill', async () => {
    const pids = await pidsNow();
    const { end } = await runReal(cluster(), {
      onEvent: (event) => {
        const [pid] = pids;
        if (event.type !== 'step.started' || event.step !== 'wait' || typeof pid !== 'number') return;
        if (readProcess(pid) !== null) process.kill(pid, 'SIGKILL');
      },
      phases: { execute: [step({ id: 'wait', verb: 'wait', waitMs: 60_000 })] },
    });
    expect(end).toMatchObject({ ending: 'stopped', stopped: { cause: 'node-died' } });
  }, 60_000);
});
