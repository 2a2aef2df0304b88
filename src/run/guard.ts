import type { SafetySpec } from '../core/drill.js';
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
  const left = view.aliveVoters.filter((node) => !view.chosen.includes(node)).length;
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
  const voteless = new Set(
    on.filter((record) => run.services.faults.find(record.undoer)?.removesVoter === true).flatMap((r) => r.nodes),
  );
  const views = await readMembers(clusterOf(run).registry, { limitMs: STATUS_LIMIT_MS, signal });
  const voters = views.filter(({ answer }) => answer.outcome === 'ok' && answer.value.voter).map(({ node }) => node);
  return {
    aliveVoters: voters.filter((node) => !voteless.has(node)),
    quorum: run.plan.target?.quorum ?? 0,
    broken: on.flatMap((record) => record.nodes),
  };
}
