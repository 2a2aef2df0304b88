/** Bringing a practice cluster up and down. Everything of it lies in `<stateRoot>/labs/<name>/`. */
import { mkdir, rm } from 'node:fs/promises';
import type { Clock } from '../core/clock.js';
import type { DriverName, NodeSpec } from '../core/drill.js';
import { invariant, WorldError } from '../core/errors.js';
import type { Lab, LabState } from '../core/lab.js';
import { isAlive, ownProcess } from '../core/process-table.js';
import { bi } from '../core/text.js';
import { type Runnable, tearDown } from './down.js';
import { type LabRecord, labDir, readRecord, writeRecord } from './folder.js';
import { runWithHelper } from './helper.js';
import type { LabKind } from './kind.js';
import { type Rise, removeMarks, seed, untilReady } from './ready.js';
import { runContainers } from './run-containers.js';
import { runInNamespaces } from './run-in-namespaces.js';
import { runProcesses } from './run-processes.js';
import { runWithReplication } from './run-with-replication.js';
import type { LabRunner } from './runner.js';
import { onSmallDisks } from './small-disks.js';

/** A kind with the ways it can be run, containers first. */
export interface RunnableLab extends Runnable {
  readonly kind: LabKind;
}

export function runnable(kind: LabKind): RunnableLab {
  const { name, containers, helper, network, diskMiB, standby } = kind;
  const inContainers = containers === undefined ? [] : [runContainers(name, containers)];
  const processes = runProcesses(kind);
  const apart = network === undefined ? processes : runInNamespaces(name, processes, network);
  const helped = helper === undefined ? apart : runWithHelper(name, apart, helper);
  const asProcesses = standby === undefined ? helped : runWithReplication(name, helped, standby);
  const runners = [...inContainers, asProcesses];
  if (diskMiB === undefined) return { kind, name, runners };
  return { kind, name, runners: runners.map((runner) => onSmallDisks(name, runner, diskMiB)) };
}

export function makeLab(lab: RunnableLab, clock: Clock): Lab {
  const { kind, name, runners } = lab;
  const usual = async (): Promise<LabRunner> => {
    for (const runner of runners) if ((await runner.missing()) === null) return runner;
    return runnerOf(lab, 'process');
  };
  const runnerFor = async (driver?: DriverName): Promise<LabRunner> =>
    driver === undefined ? usual() : runnerOf(lab, driver);
  const state: Lab['state'] = async (stateRoot) => {
    const record = await readRecord(labDir(stateRoot, name));
    if (record === null) return null;
    const seen = await stateOf(kind, {
      runner: runnerOf(lab, record.driver),
      nodes: record.nodes,
      dir: labDir(stateRoot, name),
    });
    return seen.nodes.some((node) => node.pid !== null) ? seen : null;
  };
  return {
    name,
    title: kind.title,
    registry: kind.registry ?? 'etcd',
    product: kind.product,
    drivers: runners.map((runner) => runner.driver),
    usualDriver: async () => (await usual()).driver,
    missing: async (driver) => (await runnerFor(driver)).missing(),
    state,
    down: (stateRoot) => tearDown(lab, stateRoot, clock),
    up: async (stateRoot, signal, driver) => {
      const dir = labDir(stateRoot, name);
      const known = await readRecord(dir);
      const runner = known === null ? await runnerFor(driver) : runnerOf(lab, known.driver);
      if (driver !== undefined && runner.driver !== driver) throw otherDriver(name, runner.driver);
      refuseWhileRising(name, known);
      await runner.prepare(dir);
      const wasUp = (await state(stateRoot)) !== null;
      try {
        return await bringUp({ kind, runner, dir, clock, ...(signal === undefined ? {} : { signal }) });
      } catch (error) {
        // What was up before this call is not ours to take down.
        if (!wasUp) await tearDown(lab, stateRoot, clock);
        throw error;
      }
    },
  };
}

function runnerOf({ name, runners }: Runnable, driver: DriverName = 'process'): LabRunner {
  const runner = runners.find((one) => one.driver === driver);
  if (runner !== undefined) return runner;
  const drivers = runners.map((one) => one.driver);
  throw new WorldError({
    code: 'lab-driver-unknown',
    message: bi(
      `lab ${name} cannot be run with driver ${driver}; it can with ${drivers.join(', ')}`,
      `练习集群 ${name} 不能用驱动 ${driver} 运行；可用：${drivers.join('、')}`,
    ),
  });
}

interface Rising {
  readonly kind: LabKind;
  readonly runner: LabRunner;
  readonly dir: string;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

async function bringUp({ kind, runner, dir, clock, signal }: Rising): Promise<LabState> {
  const { name: lab, settleMs } = kind;
  const known = await readRecord(dir);
  const nodes = known?.nodes ?? (await runner.nodes(dir));
  const seeded = known?.seeded ?? false;
  const idle = await idleOf(nodes, runner);
  await runner.requireFreePorts(idle, dir);
  // Left by a start that never got as far as its demo data: nothing in it is worth keeping.
  if (!seeded && idle.length === nodes.length) {
    await runner.clear(dir, clock);
    await rm(dir, { recursive: true, force: true });
  }
  // The record comes first: whoever finds it can stop what follows, also if we die here.
  await mkdir(dir, { recursive: true });
  const record = { nodes, driver: runner.driver, starter: ownProcess() };
  await writeRecord(dir, { ...record, seeded });
  stopIfInterrupted(lab, signal);
  await runner.startAll(idle, { dir, clock });
  const client = await kind.client(nodes);
  const rise: Rise = { lab, settleMs, clock, client, runner, ...(signal === undefined ? {} : { signal }) };
  try {
    await untilReady(nodes, rise);
    if (!seeded) await seed(nodes, rise);
    await removeMarks(nodes, rise);
    await runner.afterReady?.({ dir, clock });
  } finally {
    client.close();
  }
  stopIfInterrupted(lab, signal);
  await writeRecord(dir, { ...record, seeded: true });
  return stateOf(kind, { runner, nodes, dir });
}

async function idleOf(nodes: readonly NodeSpec[], runner: LabRunner): Promise<readonly NodeSpec[]> {
  const pids = await Promise.all(nodes.map(runner.pidOf));
  return nodes.filter((_, index) => pids[index] === null);
}

/** Of two starters the second would tear down, on its failure, what the first has just started. */
function refuseWhileRising(lab: string, record: LabRecord | null): void {
  if (record === null || record.seeded || !isAlive(record.starter.pid, record.starter.startTicks)) return;
  const { pid } = record.starter;
  throw new WorldError({
    code: 'lab-rising',
    message: bi(`process ${pid} is bringing ${lab} up right now`, `进程 ${pid} 正在启动 ${lab}`),
    hint: bi('Wait for it, then try again.', '请等待其完成后重试。'),
  });
}

async function stateOf(
  kind: LabKind,
  { runner, nodes, dir }: { readonly runner: LabRunner; readonly nodes: readonly NodeSpec[]; readonly dir: string },
): Promise<LabState> {
  const pids = await Promise.all(nodes.map(runner.pidOf));
  const { driver } = runner;
  invariant(pids.length === nodes.length, 'one answer for each node');
  return {
    name: kind.name,
    product: kind.product,
    driver,
    nodes: nodes.map((node, index) => ({ ...node, pid: pids[index] ?? null })),
    ...(kind.standby && { standby: { site: kind.standby.site, replication: kind.standby.replication(dir) } }),
  };
}

function stopIfInterrupted(lab: string, signal: AbortSignal | undefined): void {
  if (!signal?.aborted) return;
  throw new WorldError({
    code: 'lab-interrupted',
    message: bi(`starting ${lab} was interrupted`, `启动 ${lab} 时被中断`),
  });
}

const otherDriver = (lab: string, driver: DriverName): WorldError =>
  new WorldError({
    code: 'lab-other-driver',
    message: bi(`${lab} is up with driver ${driver} already`, `${lab} 已在以驱动 ${driver} 运行`),
    hint: bi(`Take it down first: firedrill lab down ${lab}`, `请先停止它：firedrill lab down ${lab}`),
  });
