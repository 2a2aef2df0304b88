/** Bringing a practice cluster up and down. Everything of it lies in `<stateRoot>/labs/<name>/`. */
import { mkdir, rm } from 'node:fs/promises';
import type { Clock } from '../core/clock.js';
import type { NodeSpec } from '../core/drill.js';
import { WorldError } from '../core/errors.js';
import type { Lab, LabState } from '../core/lab.js';
import { findNodeProcess, startNodeProcess } from '../core/node-process.js';
import { isAlive, ownProcess } from '../core/process-table.js';
import { bi } from '../core/text.js';
import { tearDown } from './down.js';
import { labDir, readRecord, writeRecord } from './folder.js';
import type { LabKind } from './kind.js';
import { requireFreePorts } from './ports.js';
import { type Rise, removeMarks, seed, untilReady } from './ready.js';

export function makeLab(kind: LabKind, clock: Clock): Lab {
  const { name, title, product, missing } = kind;
  const state: Lab['state'] = async (stateRoot) => {
    const record = await readRecord(labDir(stateRoot, name));
    const seen = stateOf(kind, record?.nodes ?? []);
    return seen.nodes.some((node) => node.pid !== null) ? seen : null;
  };
  return {
    name,
    title,
    product,
    driver: 'process',
    missing,
    state,
    down: (stateRoot) => tearDown(kind, stateRoot, clock),
    up: async (stateRoot, signal) => {
      const why = await missing();
      if (why !== null) throw new WorldError({ code: 'lab-missing', message: why });
      const dir = labDir(stateRoot, name);
      await refuseWhileRising(name, dir);
      const wasUp = (await state(stateRoot)) !== null;
      try {
        return await bringUp({ kind, dir, clock, ...(signal === undefined ? {} : { signal }) });
      } catch (error) {
        // What was up before this call is not ours to take down.
        if (!wasUp) await tearDown(kind, stateRoot, clock);
        throw error;
      }
    },
  };
}

interface Rising {
  readonly kind: LabKind;
  readonly dir: string;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

async function bringUp({ kind, dir, clock, signal }: Rising): Promise<LabState> {
  const known = await readRecord(dir);
  const nodes = known?.nodes ?? (await kind.nodes(dir));
  const seeded = known?.seeded ?? false;
  const idle = nodes.filter((node) => findNodeProcess(node) === null);
  await requireFreePorts(kind.name, idle);
  // Left by a start that never got as far as its demo data: nothing in it is worth keeping.
  if (!seeded && idle.length === nodes.length) await rm(dir, { recursive: true, force: true });
  // The record comes first: whoever finds it can stop what follows, also if we die here.
  await mkdir(dir, { recursive: true });
  const starter = ownProcess();
  await writeRecord(dir, { nodes, seeded, starter });
  stopIfInterrupted(kind.name, signal);
  await startAll(idle, clock);
  const { name: lab, settleMs } = kind;
  const rise: Rise = { lab, settleMs, clock, ...(signal === undefined ? {} : { signal }) };
  await untilReady(nodes, rise);
  if (!seeded) await seed(nodes, rise);
  await removeMarks(nodes, rise);
  stopIfInterrupted(lab, signal);
  await writeRecord(dir, { nodes, seeded: true, starter });
  return stateOf(kind, nodes);
}

/** Of two starters the second would tear down, on its failure, what the first has just started. */
async function refuseWhileRising(lab: string, dir: string): Promise<void> {
  const record = await readRecord(dir);
  if (record === null || record.seeded || !isAlive(record.starter.pid, record.starter.startTicks)) return;
  const { pid } = record.starter;
  throw new WorldError({
    code: 'lab-rising',
    message: bi(`process ${pid} is bringing ${lab} up right now`, `进程 ${pid} 正在启动 ${lab}`),
    hint: bi('Wait for it, then try again.', '请等待其完成后重试。'),
  });
}

/** Waits for all of them, also when one fails: none may appear after the clean-up. */
async function startAll(nodes: readonly NodeSpec[], clock: Clock): Promise<void> {
  const starts = await Promise.allSettled(nodes.map((node) => startNodeProcess(node, clock)));
  for (const start of starts) if (start.status === 'rejected') throw start.reason;
}

const stateOf = ({ name, product }: LabKind, nodes: readonly NodeSpec[]): LabState => ({
  name,
  product,
  nodes: nodes.map((node) => ({ ...node, pid: findNodeProcess(node)?.pid ?? null })),
});

function stopIfInterrupted(lab: string, signal: AbortSignal | undefined): void {
  if (!signal?.aborted) return;
  throw new WorldError({
    code: 'lab-interrupted',
    message: bi(`starting ${lab} was interrupted`, `启动 ${lab} 时被中断`),
  });
}
