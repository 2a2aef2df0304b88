/** A real practice cluster for a test: its own state folder, its own ports, always taken down. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DriverName } from '../../src/core/drill.js';
import { invariant } from '../../src/core/errors.js';
import type { Lab, LabState } from '../../src/core/lab.js';
import type { Cluster } from '../../src/core/target.js';
import { type ConnectLab, createLabs } from '../../src/lab/index.js';
import { registries } from '../../src/registries/index.js';
import { drivers } from '../../src/targets/index.js';

export type LabName =
  | 'antietcd-3'
  | 'etcd-3'
  | 'etcd-3-small-disks'
  | 'etcd-3-toxiproxy'
  | 'etcd-3-netns'
  | 'etcd-2-sites'
  | 'etcd-3-secured'
  | 'zookeeper-3'
  | 'zookeeper-3-default-timers'
  | 'zookeeper-3-toxiproxy';

const isZookeeper = (name: LabName): boolean => name.startsWith('zookeeper');

export interface RunningCluster {
  readonly state: LabState;
  readonly stateRoot: string;
  readonly cluster: Cluster;
  /** The same cluster as another process connects to it; absent = by `clusterOf`. */
  readonly reconnect?: () => Cluster;
  /** Harmless when it was stopped before. */
  readonly stop: () => Promise<void>;
}

export interface StartedLab extends RunningCluster {
  readonly lab: Lab;
}

/** Why the lab cannot be had here, for `skipIf`; null = it can. */
export const missingLab = (name: LabName): string | null =>
  (isZookeeper(name) ? process.env.FIREDRILL_MISSING_ZOOKEEPER : undefined) ??
  (name === 'antietcd-3' || isZookeeper(name) ? undefined : process.env.FIREDRILL_MISSING_ETCD) ??
  (name === 'etcd-3-small-disks' && process.getuid?.() !== 0 ? 'only root can mount' : undefined) ??
  (name.endsWith('-toxiproxy') ? process.env.FIREDRILL_MISSING_TOXIPROXY : undefined) ??
  (name === 'etcd-3-netns' && process.getuid?.() !== 0 ? 'only root can make network namespaces' : undefined) ??
  null;

/** Uses the ports `basePort` to `basePort` + 22 (with ZooKeeper + 122, with its Toxiproxy + 153); without it, some that are likely free. */
export async function startLab(
  name: LabName,
  basePort = likelyFreePort(),
  env = process.env,
  driver: DriverName = 'process',
): Promise<StartedLab> {
  const stateRoot = await mkdtemp(join(tmpdir(), 'firedrill-test-'));
  const lab = createLabs({ basePort, env, connect: connectLab }).find(name);
  invariant(lab, `there is no lab ${name}`);
  const takeDown = async (): Promise<void> => {
    await lab.down(stateRoot);
    await rm(stateRoot, { recursive: true, force: true });
  };
  try {
    const state = await lab.up(stateRoot, undefined, driver);
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

export const connectLab: ConnectLab = async (binding) => {
  const registry = registries.find(binding.registry);
  invariant(registry, `the catalog holds ${binding.registry}`);
  return registry.connect(binding);
};

/** Binds a lab as `plan` does. */
export async function clusterOf(name: LabName, state: LabState): Promise<Cluster> {
  const all = state.nodes.map(({ pid: _, ...node }) => node);
  const { site, replication } = state.standby ?? { site: null, replication: null };
  const nodes = all.filter((node) => node.site !== site || site === null);
  const kind = isZookeeper(name) ? 'zookeeper' : 'etcd';
  const registry = registries.find(kind);
  const driver = drivers.find(state.driver);
  invariant(registry && driver, `the catalogs hold ${kind} and ${state.driver}`);
  const identity = await registry.identify(nodes, { limitMs: 2_000 });
  const common = { registry: kind, lab: name, prefix: '/services/' } as const;
  const binding = { ...common, driver: state.driver, nodes, ...identity };
  const own = { binding, driver, registry: registry.connect(binding) };
  if (replication === null) return own;
  const { standby: _, ...rest } = state;
  const there = await clusterOf(name, { ...rest, nodes: state.nodes.filter((node) => node.site === site) });
  const standby = { ...there, binding: { ...there.binding, replication } };
  return { ...own, binding: { ...binding, standby: standby.binding }, standby };
}

/** Below the range from which the system gives ports to clients; a taken one makes `up` say so. */
const likelyFreePort = (): number => 14_000 + 30 * Math.floor(Math.random() * 100);
