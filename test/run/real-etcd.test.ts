/** The same executor on real etcd: kill, recover, wipe, restore, in one drill. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { invariant } from '../../src/core/errors.js';
import { missingLab, type StartedLab, startLab } from '../support/cluster.js';
import { injectStep, isTrue, step } from './fake-world.js';
import { runReal } from './real-drill.js';

const missing = missingLab('etcd-3');
const within = { params: {}, withinMs: 20_000, tolerance: isTrue } as const;

describe.skipIf(missing)(`on three etcd processes${missing === null ? '' : ` (${missing})`}`, () => {
  let lab: StartedLab | null = null;
  beforeAll(async () => {
    lab = await startLab('etcd-3', 23_100);
  });
  afterAll(async () => {
    await lab?.stop();
  });

  it('kills the leader and restarts it, loses everything and restores it, and leaves nothing', async () => {
    invariant(lab, 'the lab is up');
    const { end, of } = await runReal(lab.cluster, {
      drill: { kind: 'full-flow' },
      phases: {
        kickoff: [step({ id: 'backup', verb: 'backup', mode: 'full', to: 'local' })],
        execute: [
          injectStep('kill', 'node.kill', { on: { by: { kind: 'role', role: 'leader' } } }),
          step({ id: 'start', verb: 'recover', action: 'node.restart', on: { by: { kind: 'step', step: 'kill' } } }),
          step({ id: 'leader', verb: 'check', probe: 'registry.leader', ...within }),
          injectStep('wipe', 'registry.wipe', { on: null }),
          step({ id: 'restore', verb: 'restore', archive: 'latest', expect: {} }),
        ],
        verify: [
          step({ id: 'count', verb: 'check', probe: 'integrity.count', ...within }),
          step({ id: 'hash', verb: 'check', probe: 'integrity.hash', ...within }),
          step({ id: 'functional', verb: 'check', probe: 'integrity.functional', ...within }),
        ],
      },
    });
    const steps = of('step.ended').map(({ step: id, outcome, reason }) => `${id} ${outcome} ${reason?.en ?? ''}`);
    expect(
      of('step.ended').filter(({ outcome }) => outcome !== 'pass'),
      steps.join('\n'),
    ).toEqual([]);
    expect(end).toEqual({ ending: 'completed', clean: true, left: [], stopped: null });
    expect(of('undo.reverted').map(({ undoer, cause, reverted }) => [undoer, cause, reverted])).toEqual([
      ['node.kill', 'recover-step', true],
      ['restore', 'recover-step', true],
      ['registry.wipe', 'recover-step', true],
      ['canary', 'final', true],
    ]);
  }, 90_000);
});
