import { systemClock } from '../core/clock.js';
import type { DriverName, TargetSpec } from '../core/drill.js';
import type { Lab } from '../core/lab.js';
import { bootId, ownProcess } from '../core/process-table.js';
import type { Cluster, TargetBinding } from '../core/target.js';
import { openRunState, type RunState } from '../run/state/index.js';
import type { Context } from './context.js';
import {
  bindNodes,
  labNamed,
  ownNodes,
  requireLab,
  requireSameRegistry,
  unboundLab,
  type Where,
  whereOf,
} from './target.js';

/** One change-making command's place in the state folder, with the target it works on. */
export interface Session {
  readonly state: RunState;
  readonly cluster: Cluster | null;
  /** The lab that this session started and has to stop again. */
  readonly startedLab: string | null;
}

/**
 * Opens the state, locks the target and brings up its lab if that is down. The lab's undo is on disk before the lab
 * starts, and the nodes are locked before anything is asked of them.
 */
export async function openSession(options: {
  readonly ctx: Context;
  readonly runId: string;
  readonly runDir: string;
  readonly target: TargetSpec | undefined;
  /** Ends a start of the lab that is going on. */
  readonly stop: AbortSignal;
}): Promise<Session> {
  const { ctx, runId, runDir, target } = options;
  const state = await openRunState({
    root: ctx.stateRoot,
    runId,
    runDir,
    ...ownProcess(),
    bootId: bootId(),
    clock: systemClock,
  });
  try {
    if (target === undefined) return { state, cluster: null, startedLab: null };
    if (target.source.from === 'nodes') {
      const cluster = await bindNodes(ownNodes(target, target.source));
      await state.claim(keysOf(cluster.binding), cluster.binding);
      return { state, cluster, startedLab: null };
    }
    return await openLabSession({
      state,
      lab: labNamed(target.source.lab, ctx),
      ...(target.source.driver === undefined ? {} : { driver: target.source.driver }),
      where: whereOf(target),
      ctx,
      stop: options.stop,
    });
  } catch (error) {
    await closeFailedSession(state);
    throw error;
  }
}

/** After a refusal before anything was changed. What is already on stays recorded for `recover`. */
const closeFailedSession = (state: RunState): Promise<void> => state.close({ clean: state.outstanding().length === 0 });

async function openLabSession(options: {
  readonly state: RunState;
  readonly lab: Lab;
  readonly driver?: DriverName;
  readonly where: Where;
  readonly ctx: Context;
  readonly stop: AbortSignal;
}): Promise<Session> {
  const { state, lab, driver, where, ctx, stop } = options;
  requireSameRegistry(lab, where);
  await requireLab(lab, driver);
  await state.claim([`lab:${lab.name}`], null);
  const before = await lab.state(ctx.stateRoot);
  if (before === null) await state.arm({ id: 'lab', undoer: 'lab', step: 'lab', nodes: [], data: { lab: lab.name } });
  const labState = before ?? (await startLab({ lab, ...(driver === undefined ? {} : { driver }), state, ctx, stop }));
  const cluster = await bindNodes(unboundLab(labState, where));
  await state.claim([`lab:${lab.name}`, ...keysOf(cluster.binding)], cluster.binding);
  return { state, cluster, startedLab: before === null ? lab.name : null };
}

/** A lab that cannot start leaves nothing, and its undo is taken back. */
async function startLab(job: {
  readonly lab: Lab;
  readonly driver?: DriverName;
  readonly state: RunState;
  readonly ctx: Context;
  readonly stop: AbortSignal;
}): ReturnType<Lab['up']> {
  const { lab, driver, state, ctx, stop } = job;
  try {
    return await lab.up(ctx.stateRoot, stop, driver);
  } catch (error) {
    await lab.down(ctx.stateRoot);
    await state.retire('lab', 'stop');
    throw error;
  }
}

export const keysOf = (binding: TargetBinding): readonly string[] => [
  ...binding.nodes.map((node) => `node:${new URL(node.url).host}`),
  ...(binding.clusterId === null ? [] : [`cluster:${binding.clusterId}`]),
  ...(binding.standby === undefined ? [] : keysOf(binding.standby)),
];

/** Stops the lab that the session started, and gives the state back. False = something is still on. */
export async function endSession(session: Session, ctx: Context, drillIsClean = true): Promise<boolean> {
  const { state, startedLab } = session;
  session.cluster?.registry.close();
  if (startedLab !== null) {
    await labNamed(startedLab, ctx).down(ctx.stateRoot);
    await state.retire('lab', 'final');
  }
  const clean = drillIsClean && state.outstanding().length === 0;
  await state.close({ clean });
  return clean;
}
