/** A real practice cluster for a test: its own state folder, its own ports, always taken down. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { invariant } from '../../src/core/errors.js';
import type { Lab, LabState } from '../../src/core/lab.js';
import type { Cluster } from '../../src/core/target.js';
import { createLabs } from '../../src/lab/index.js';
import { registries } from '../../src/registries/index.js';
import { drivers } from '../../src/targets/index.js';

export type LabName = 'antietcd-3' | 'etcd-3';

export interface StartedLab {
  readonly lab: Lab;
  readonly state: LabState;
  readonly stateRoot: string;
  readonly cluster: Cluster;
  /** Harmless when it was stopped before. */
  readonly stop: () => Promise<void>;
}

/** Why the lab cannot be had here, for `skipIf`; null = it can. */
export const missingLab = (name: LabName): string | null =>
  name === 'etcd-3' ? (process.env.FIREDRILL_MISSING_ETCD ?? null) : null;

/** Uses the ports `basePort` to `basePort` + 22; without it, some that are likely free. */
export async function startLab(name: LabName, basePort = likelyFreePort()): Promise<StartedLab> {
  const stateRoot = await mkdtemp(join(tmpdir(), 'firedrill-test-'));
  const lab = createLabs({ basePort, env: process.env }).find(name);
  invariant(lab, `there is no lab ${name}`);
  const takeDown = async (): Promise<void> => {
    await lab.down(stateRoot);
    await rm(stateRoot, { recursive: true, force: true });
  };
  try {
    const state = await lab.up(stateRoot);
    const cluster = await clusterOf(name, state);
    return {
      lab,
      state,
      stateRoot,
      cluster,
      stop: async () => {
        cluster.registry.close();
        await takeDown();
      },
    };
  } catch (error) {
    await takeDown();
    throw error;
  }
}

/** Binds a lab as `plan` does. */
export async function clusterOf(name: LabName, state: LabState): Promise<Cluster> {
  const nodes = state.nodes.map(({ pid: _, ...node }) => node);
  const registry = registries.find('etcd');
  const driver = drivers.find('process');
  invariant(registry && driver, 'the catalogs hold etcd and process');
  const identity = await registry.identify(nodes, { limitMs: 2_000 });
  const binding = { registry: 'etcd', lab: name, driver: 'process', prefix: '/services/', nodes, ...identity } as const;
  return { binding, driver, registry: registry.connect(binding) };
}

/** Below the range from which the system gives ports to clients; a taken one makes `up` say so. */
const likelyFreePort = (): number => 26_000 + 30 * Math.floor(Math.random() * 200);
