import { describeError, invariant, WorldError } from '../../core/errors.js';
import type { Fault, UndoRecord } from '../../core/fault.js';
import { type Bilingual, bi } from '../../core/text.js';
import { clusterOf, type Run } from '../context.js';
import { armFault, type FaultPlan, injectArmed } from '../fault-lifecycle.js';
import { guardAgainst, lookAtQuorum } from '../guard.js';
import { selectNodes } from '../select.js';
import { isDiskFailure } from '../stop.js';
import { passed, type StepOf, type StepResult } from './result.js';

/** Choose → guard → prepare → arm (on disk) → inject → confirm. Whatever fails before `inject` leaves the world alone. */
export async function inject(run: Run, step: StepOf<'inject'>, signal: AbortSignal): Promise<StepResult> {
  const fault = run.services.faults.find(step.fault);
  invariant(fault !== undefined, `there is no fault named ${step.fault}`);
  if (!run.progress.steadySeen)
    return forbid(bi('Nothing is broken before the steady state was seen.', '在确认稳态之前不注入任何故障。'));
  const chosen = await refusable(() => bind(run, { step, fault }, signal));
  if ('refused' in chosen) return forbid(chosen.refused);
  const names = chosen.plan.nodes.map((node) => node.name);
  return run.nodes.letGo(names, async () => {
    const armed = await arm(run, chosen.plan, signal);
    if ('result' in armed) return armed.result;
    return bite(run, { ...chosen, record: armed.record, step }, signal);
  });
}

async function bind(
  run: Run,
  what: { readonly step: StepOf<'inject'>; readonly fault: Fault },
  signal: AbortSignal,
): Promise<{ readonly plan: FaultPlan } | { readonly refused: Bilingual }> {
  const { step, fault } = what;
  const nodes = step.on === null ? [] : await selectNodes(run, step.on, signal);
  if (fault.scope === 'node' && nodes.length === 0)
    return { refused: bi(`${fault.name} needs nodes.`, `${fault.name} 需要指定节点。`) };
  const changed = await run.nodes.changed(clusterOf(run).binding.nodes);
  if (changed !== null) return { refused: changed };
  const quorum = await lookAtQuorum(run, signal);
  const view = { ...quorum, chosen: nodes.map((node) => node.name), removesVoter: fault.removesVoter };
  const refused = guardAgainst(view, run.drill.safety);
  if (refused !== null) return { refused };
  run.progress.chosen.set(step.id, nodes);
  return { plan: { fault, step: step.id, nodes, params: step.params } };
}

/** The world says no before anything was changed: a refusal. */
async function refusable<T>(work: () => Promise<T>): Promise<T | { readonly refused: Bilingual }> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof WorldError) return { refused: error.text };
    throw error;
  }
}

async function arm(
  run: Run,
  plan: FaultPlan,
  signal: AbortSignal,
): Promise<{ readonly record: UndoRecord } | { readonly result: StepResult }> {
  const { service } = plan.params;
  try {
    const record = await armFault(run, plan, signal);
    if (plan.fault.scope === 'data' && typeof service === 'string') run.progress.aimedAt.set(record.id, service);
    return { record };
  } catch (error) {
    const reason = describeError(error);
    if (isDiskFailure(error) || (error instanceof WorldError && error.code === 'undo-not-journaled')) {
      return { result: { outcome: 'error', reason, thenStop: { cause: 'disk', detail: reason } } };
    }
    if (error instanceof WorldError) return { result: forbid(error.text) };
    throw error;
  }
}

async function bite(
  run: Run,
  on: { readonly plan: FaultPlan; readonly record: UndoRecord; readonly step: StepOf<'inject'> },
  signal: AbortSignal,
): Promise<StepResult> {
  const { record, step } = on;
  const { bitten, detail } = await injectArmed(run, on, signal);
  if (step.forMs !== undefined) run.timers.start(step.forMs, () => run.undo.revert(record, 'for'));
  if (bitten === true) return { ...passed, reason: detail };
  return { outcome: bitten === null ? 'unknown' : 'fail', reason: detail };
}

const forbid = (detail: Bilingual): StepResult => ({
  outcome: 'fail',
  reason: detail,
  thenStop: { cause: 'guard', detail },
});
