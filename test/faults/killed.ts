/** Every fault: the runner is killed with SIGKILL between every two of its phases, and in the middle of the injection. */
import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { catalogOf } from '../../src/core/catalog.js';
import { systemClock } from '../../src/core/clock.js';
import type { FaultRequest, World } from '../../src/core/fault.js';
import { agreedLeader, readMembers } from '../../src/core/members.js';
import { bootId } from '../../src/core/process-table.js';
import { faults } from '../../src/faults/index.js';
import { resumeJournal } from '../../src/journal/index.js';
import { recoverRuns } from '../../src/run/state/index.js';
import { type Built, buildParts } from '../run-state/built.js';
import { type LabName, missingLab, type RunningCluster, startLab } from '../support/cluster.js';
import { afterElection, type ContractOptions, refusalOf } from './contract.js';
import { ROWS } from './rows.js';
import { expectSame, stateOf } from './state.js';

const VICTIM = fileURLToPath(new URL('./victim.mjs', import.meta.url));
const MOMENTS = {
  'between prepare and inject': ['prepare', 'arm'],
  'in the middle of inject': ['prepare', 'arm', 'begin'],
  'between inject and confirm': ['prepare', 'arm', 'inject'],
  'between confirm and revert': ['prepare', 'arm', 'inject', 'confirm'],
  'between revert and its end': ['prepare', 'arm', 'inject', 'confirm', 'revert'],
} as const;
/** How far an injection gets before the kill: past its first steps, before the last of the slower ones. */
const INTO_INJECT_MS = 60;

export function killedBetweenPhases(labName: LabName, basePort: number, options: ContractOptions = {}): void {
  const { driver = 'process', env = () => process.env } = options;
  const why = options.missing ?? missingLab(labName);
  // The contract shows that the others are refused here.
  const refusing = [driver, labName.replace(/-.*/, '')];
  const possible = (options.only ?? faults.names).filter(
    (name) => refusalOf(ROWS[name], labName, refusing) === undefined,
  );
  describe.skipIf(why !== null)(`killed between the phases, on ${labName} (${driver}) ${why ?? ''}`, () => {
    let lab: RunningCluster;
    let root: string;
    let built: Built;
    let runs = 0;
    beforeAll(async () => {
      built = buildParts(['faults', 'registries', 'targets']);
      root = await mkdtemp(join(tmpdir(), 'firedrill-killed-'));
      lab = await (options.start?.() ?? startLab(labName, basePort, env(), driver));
    });
    afterAll(async () => {
      await lab?.stop();
      built?.remove();
      await rm(root, { recursive: true, force: true });
    });
    const state = (): string => join(root, 'state');
    const world = (): World => ({ cluster: lab.cluster, clock: systemClock, stateDir: root });

    describe.each(possible)('%s', (name) => {
      const row = ROWS[name];
      it.each(Object.entries(MOMENTS))('%s', async (_moment, until) => {
        const fault = faults.find(name);
        if (row === undefined || fault === undefined) throw new Error(`${name} has no row`);
        await row.arrange?.(lab);
        const before = await stateOf(world());
        const request = { nodes: await nodesFor(fault.scope, row.on, lab), params: row.params ?? {} };
        const runId = `r${++runs}`;
        await runAndKill({ built, root: state(), lab, order: { fault: name, runId, request, until } });

        const report = await recoverRuns({
          root: state(),
          clock: systemClock,
          undoers: catalogOf(faults.all),
          connect: (bound) => {
            if (bound === null) throw new Error('the run has no target');
            return { ...lab.cluster, registry: { ...lab.cluster.registry, close: () => {} } };
          },
          resumeJournal,
          bootId: bootId(),
          by: 'test',
        });
        expect(report.runs).toMatchObject([{ runId, failed: [], left: [], clean: true }]);
        expect(existsSync(state()), 'nothing is left in the state folder').toBe(false);
        await afterElection(world());
        if (name === 'leases.expire') await row.arrange?.(lab);
        await expectSame(world(), before, name);
      });
    });
  });
}

/** A follower is hit where the fault takes one: no election between two tests. */
async function nodesFor(
  scope: 'node' | 'data',
  on: 'leader' | 'all' | undefined,
  { cluster }: RunningCluster,
): Promise<FaultRequest['nodes']> {
  if (scope === 'data') return [];
  const { nodes } = cluster.binding;
  if (on === 'all') return nodes;
  const leader = agreedLeader(await readMembers(cluster.registry, { limitMs: 1_000 }));
  return nodes.filter(({ name }) => name !== leader).slice(0, 1);
}

interface Order {
  readonly fault: string;
  readonly runId: string;
  readonly request: Omit<FaultRequest, 'step'>;
  readonly until: readonly string[];
}

async function runAndKill(what: {
  readonly built: Built;
  readonly root: string;
  readonly lab: RunningCluster;
  readonly order: Order;
}): Promise<void> {
  const { built, root, lab, order } = what;
  const setting = JSON.stringify({ parts: built.dir, root, binding: lab.cluster.binding });
  const victim = fork(VICTIM, [setting], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  try {
    await reply(victim);
    const done = reply(victim);
    victim.send({ ...order, request: { ...order.request, step: 'break' } });
    await done;
    if (order.until.at(-1) === 'begin') await systemClock.sleep(INTO_INJECT_MS);
  } finally {
    const gone = new Promise((resolve) => victim.once('exit', resolve));
    victim.kill('SIGKILL');
    await gone;
  }
}

const reply = (victim: ChildProcess): Promise<void> =>
  new Promise((resolve, reject) => {
    victim.once('message', (said: { readonly ok: boolean; readonly why?: string }) =>
      said.ok ? resolve() : reject(new Error(said.why)),
    );
    victim.once('exit', () => reject(new Error('it ended by itself')));
  });
