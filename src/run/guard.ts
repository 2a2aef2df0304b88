import { flatSteps, type SafetySpec } from '../core/drill.js';
import { type Fault, type PlannedHit, type UndoRecord, votersLostTo } from '../core/fault.js';
import { readMembers } from '../core/members.js';
import { type Bilingual, bi } from '../core/text.js';
import { clusterOf, faultsOn, type Run } from './context.js';

const STATUS_LIMIT_MS = 1_000;

/** What stands when a fault is about to be turned on. Names of nodes. */
export interface GuardView {
  /** Voters that answer and are not under a fault that takes their vote. */
  readonly aliveVoters: readonly string[];
  readonly quorum: number;
  /** Nodes with a fault on. */
  readonly broken: readonly string[];
  readonly chosen: readonly string[];
  readonly removesVoter: boolean;
  /** Voters that the fault takes out, where these are not simply the chosen nodes. */
  readonly losing?: readonly string[];
}

/** Why this fault must not be turned on now; null = it may. */
export function guardAgainst(view: GuardView, safety: SafetySpec): Bilingual | null {
  const broken = new Set([...view.broken, ...view.chosen]);
  if (view.chosen.length > 0 && broken.size > safety.maxTargets) {
    const names = [...broken].join(', ');
    return bi(
      `${broken.size} nodes (${names}) would have a fault at one time; safety.maxTargets is ${safety.maxTargets}.`,
      `将有 ${broken.size} 个节点（${names}）同时带故障；safety.maxTargets 为 ${safety.maxTargets}。`,
    );
  }
  const losing = view.losing ?? view.chosen;
  const left = view.aliveVoters.filter((node) => !losing.includes(node)).length;
  if (!view.removesVoter || safety.allowQuorumLoss || left >= view.quorum) return null;
  return bi(
    `The majority would be lost: ${left} voters left of ${view.quorum} needed, and safety.allowQuorumLoss is false.`,
    `将失去多数：仅剩 ${left} 个投票节点，至少需要 ${view.quorum} 个，且 safety.allowQuorumLoss 为 false。`,
  );
}

/** Asks the members who votes now. */
export async function lookAtQuorum(
  run: Run,
  signal: AbortSignal,
): Promise<Pick<GuardView, 'aliveVoters' | 'quorum' | 'broken'>> {
  const on = faultsOn(run);
  const voteless = new Set(on.flatMap((record) => lostTo(run, record)));
  const views = await readMembers(clusterOf(run).registry, { limitMs: STATUS_LIMIT_MS, signal });
  const voters = views.filter(({ answer }) => answer.outcome === 'ok' && answer.value.voter).map(({ node }) => node);
  return {
    aliveVoters: voters.filter((node) => !voteless.has(node)),
    quorum: run.plan.target?.quorum ?? 0,
    broken: on.flatMap((record) => record.nodes),
  };
}

function lostTo(run: Run, { undoer, step: id, nodes }: UndoRecord): readonly string[] {
  const fault = run.services.faults.find(undoer);
  const planned = flatSteps(run.drill).find(({ step }) => step.id === id)?.step;
  return fault === undefined
    ? []
    : losing(run, fault, { nodes, params: planned?.verb === 'inject' ? planned.params : {} });
}

/** The voters that this fault takes out, with the target as it was planned. */
export function losing(
  run: Run,
  fault: Fault,
  { nodes, params }: Pick<PlannedHit, 'nodes' | 'params'>,
): readonly string[] {
  const members = run.plan.target?.members ?? [];
  const voters = members.filter(({ voter }) => voter).map(({ node }) => node);
  return votersLostTo(fault, { nodes, params, all: members.map(({ node }) => node), voters });
}
