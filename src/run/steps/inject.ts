import { invariant, WorldError } from '../../core/errors.js';
import { type Fault, takesVote, type UndoData, type UndoRecord } from '../../core/fault.js';
import { type Bilingual, bi } from '../../core/text.js';
import { clusterOf, type Run } from '../context.js';
import { type FaultPlan, injectArmed, prepareFault } from '../fault-lifecycle.js';
import { guardAgainst, lookAtQuorum, losing } from '../guard.js';
import { selectNodes } from '../select.js';
import { passed, type StepOf, type StepResult } from './result.js';

/** Choose → guard → prepare → arm (on disk) → inject → confirm. Whatever fails before `inject` leaves the world alone. */
export async function inject(run: Run, step: StepOf<'inject'>, signal: AbortSignal): Promise<StepResult> {
  const fault = run.services.faults.find(step.fault);
  invariant(fault !== undefined, `there is no fault named ${step.fault}`);
  if (!run.progress.steadySeen) {
    return forbid(bi('Nothing is broken before the steady state was seen.', '在确认稳态之前不注入任何故障。'));
  }
  // Two of a parallel group must not both count the same healthy nodes.
  const armed = await run.armOneAtATime(() => chooseAndArm(run, { step, fault }, signal));
  if ('refused' in armed) return forbid(armed.refused);
  return run.nodes.letGo(armed.record.nodes, () => bite(run, { ...armed, step }, signal));
}

interface Armed {
  readonly plan: FaultPlan;
  readonly record: UndoRecord;
}
interface Refused {
  readonly refused: Bilingual;
}

async function chooseAndArm(
  run: Run,
  what: { readonly step: StepOf<'inject'>; readonly fault: Fault },
  signal: AbortSignal,
): Promise<Armed | Refused> {
  signal.throwIfAborted();
  const ready = await refusable(() => makeReady(run, what, signal));
  if ('refused' in ready) return ready;
  signal.throwIfAborted();
  const { plan, data } = ready;
  const { fault, step, nodes, params } = plan;
  const record = await run.undo.arm({ undoer: fault.name, step, nodes: nodes.map((node) => node.name), data });
  if (fault.scope === 'data' && typeof params.service === 'string') run.progress.aimedAt.set(record.id, params.service);
  return { plan, record };
}

async function makeReady(
  run: Run,
  { step, fault }: { readonly step: StepOf<'inject'>; readonly fault: Fault },
  signal: AbortSignal,
): Promise<{ readonly plan: FaultPlan; readonly data: UndoData } | Refused> {
  const nodes = step.on === null ? [] : await selectNodes(run, step.on, signal);
  if (fault.scope === 'node' && nodes.length === 0) {
    return { refused: bi(`${fault.name} needs nodes.`, `${fault.name} 需要指定节点。`) };
  }
  const refused =
    (await run.nodes.changed(clusterOf(run).binding.nodes)) ??
    (await whyGuarded(run, { nodes, fault, params: step.params }, signal));
  if (refused !== null) return { refused };
  run.progress.chosen.set(step.id, nodes);
  const plan: FaultPlan = { fault, step: step.id, nodes, params: step.params };
  return { plan, data: await prepareFault(run, plan, signal) };
}

async function whyGuarded(
  run: Run,
  { nodes, fault, params }: Pick<FaultPlan, 'nodes' | 'fault' | 'params'>,
  signal: AbortSignal,
): Promise<Bilingual | null> {
  const names = nodes.map((node) => node.name);
  const chosen = fault.oneAtATime ? names.slice(0, 1) : names;
  const view = {
    ...(await lookAtQuorum(run, signal)),
    chosen,
    removesVoter: takesVote(fault, params),
    losing: losing(run, fault, { nodes: names, params }),
  };
  return guardAgainst(view, run.drill.safety);
}

/** The world says no before anything was changed: a refusal. */
async function refusable<T>(work: () => Promise<T>): Promise<T | Refused> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof WorldError) return { refused: error.text };
    throw error;
  }
}

async function bite(
  run: Run,
  on: Armed & { readonly step: StepOf<'inject'> },
  signal: AbortSignal,
): Promise<StepResult> {
  const { record, step } = on;
  run.progress.traffic?.leaveAlone();
  const { bitten, detail } = await injectArmed(run, on, signal);
  if (step.forMs !== undefined) {
    run.timers.start(step.forMs, () => {
      run.progress.traffic?.leaveAlone();
      return run.undo.revert(record, 'for');
    });
  }
  if (bitten === true) return { ...passed, reason: detail };
  return { outcome: bitten === null ? 'unknown' : 'fail', reason: detail };
}

const forbid = (detail: Bilingual): StepResult => ({
  outcome: 'fail',
  reason: detail,
  thenStop: { cause: 'guard', detail },
});
