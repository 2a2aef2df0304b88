import type { Catalog } from '../core/catalog.js';
import type { Drill, NodeSpec, Step } from '../core/drill.js';
import type { Fault } from '../core/fault.js';
import type { LoadedDrill, PlannedStep, PlannedTarget, PlanResult, Refusal } from '../core/plan.js';
import type { Cluster, NodeState } from '../core/target.js';
import { type Bilingual, bi } from '../core/text.js';
import { lookWithLeader, type Patience } from './await-leader.js';
import { hitOf, type StepBinding, walkDrill } from './guard.js';
import { impossibleSteps } from './impossible.js';
import type { LiveTarget } from './members.js';
import { strangers, unreadable } from './refused-target.js';
import { estimateOf, irreversibleOf, summaryOf, undoOf } from './summary.js';
import { warningsOf } from './warnings.js';

export interface PlanInput {
  readonly loaded: LoadedDrill;
  /** Null for a drill without a target. */
  readonly cluster: Cluster | null;
  readonly faults: Catalog<Fault>;
  /** Absent = a leader that is not there now is not waited for. */
  readonly patience?: Patience;
}

const NO_NODES: LiveTarget = {
  nodes: [],
  states: new Map(),
  leader: null,
  voters: [],
  quorum: 0,
  silent: new Map(),
  clusterIds: new Map(),
};

/** Binds a drill to its live target; reads only. Refuses for every reason at once, before anything is broken. */
export async function planDrill({ loaded, cluster, faults, patience }: PlanInput): Promise<PlanResult> {
  const { drill } = loaded;
  if (drill.target !== undefined && cluster === null) return { ok: false, refusals: [NO_CLUSTER] };
  const live = cluster === null || drill.target === undefined ? null : await lookWithLeader(cluster, drill, patience);
  const { bindings, refusals } = walkDrill(drill, live ?? NO_NODES, faults);
  const all = [
    ...(live === null ? [] : [...notRunning(live), ...strangers(live)]),
    ...(live === null || cluster === null ? [] : await unreadable(cluster, live)),
    ...refusals,
    ...unrestorable(drill, cluster, bindings),
    ...(await impossibleSteps({ bindings, faults, cluster })),
  ];
  if (all.length > 0) return { ok: false, refusals: all };
  const steps = bindings.map((binding) => plannedStep(binding, faults, live));
  const estimateMs = bindings.reduce((sumMs, { step, inGroup }) => sumMs + (inGroup ? 0 : estimateOf(step)), 0);
  return {
    ok: true,
    plan: {
      schemaVersion: 1,
      drillSha256: loaded.sha256,
      target: live === null || cluster === null ? null : plannedTarget(live, cluster),
      steps,
      warnings: warningsOf({ drill, bindings, faults, live }),
      estimateMs,
    },
  };
}

const NO_CLUSTER: Refusal = {
  code: 'no-cluster',
  step: null,
  message: bi('The target of this drill is not there.', '此演练的目标不存在。'),
  hint: bi(
    'Start it first: firedrill lab up NAME, or start your nodes.',
    '请先启动：firedrill lab up 名称，或启动你的节点。',
  ),
};

function notRunning(live: LiveTarget): readonly Refusal[] {
  return live.nodes.flatMap(({ name }) => {
    const state = live.states.get(name)?.state ?? 'gone';
    if (state === 'running') return [];
    return [
      {
        code: state === 'gone' ? 'node-gone' : 'node-frozen',
        step: null,
        message:
          state === 'gone'
            ? bi(`Node ${name} does not run: its process was not found.`, `节点 ${name} 未运行：没有找到其进程。`)
            : bi(`Node ${name} is frozen (stopped by a signal).`, `节点 ${name} 已被冻结（被信号暂停）。`),
        hint: bi(
          'A drill starts from a whole cluster; `firedrill recover` undoes what an earlier run left on.',
          '演练须从完整的集群开始；`firedrill recover` 可撤销先前运行遗留的改动。',
        ),
      },
    ];
  });
}

/** A full restore replaces the data of every node: it must know where that is. */
function unrestorable(drill: Drill, cluster: Cluster | null, bindings: readonly StepBinding[]): readonly Refusal[] {
  const restore = bindings.find(({ step }) => step.verb === 'restore' && step.services === undefined);
  if (restore === undefined || cluster === null || drill.target === undefined) return [];
  const missing = (node: NodeSpec): readonly string[] => [
    ...(node.data === undefined ? ['data'] : []),
    ...(node.peerUrl === undefined && cluster.binding.product === 'etcd' ? ['peerUrl'] : []),
  ];
  return cluster.binding.nodes.flatMap((node) =>
    missing(node).map((key) => ({
      code: 'restore-impossible',
      step: restore.step.id,
      message: bi(
        `Node ${node.name} cannot be restored: its “${key}” is not given.`,
        `无法恢复节点 ${node.name}：未给出“${key}”。`,
      ),
      hint: bi(`Add “${key}” to the node in the drill’s target.`, `请在演练 target 的该节点上补充“${key}”。`),
    })),
  );
}

const plannedStep = (
  { step, phase, nodes, votersLeft }: StepBinding,
  faults: Catalog<Fault>,
  live: LiveTarget | null,
): PlannedStep => ({
  id: step.id,
  phase,
  verb: step.verb,
  summary: withEffect(summaryOf(step, nodes), effectOf(step, nodes, { faults, live })),
  nodes,
  undo: undoOf(step, faults),
  irreversible: irreversibleOf(step),
  votersLeft,
  estimateMs: estimateOf(step),
});

function effectOf(
  step: Step,
  nodes: readonly string[],
  at: { readonly faults: Catalog<Fault>; readonly live: LiveTarget | null },
): Bilingual | null {
  if (step.verb !== 'inject' || at.live === null) return null;
  return at.faults.find(step.fault)?.planText?.(hitOf(at.live, { nodes, params: step.params })) ?? null;
}

const withEffect = (summary: Bilingual, effect: Bilingual | null): Bilingual =>
  effect === null ? summary : bi(`${summary.en}: ${effect.en}`, `${summary.zh}：${effect.zh}`);

function plannedTarget(live: LiveTarget, { binding }: Cluster): PlannedTarget {
  return {
    binding,
    members: live.nodes.map((node) => {
      const restartPolicy = live.policies?.get(node.name);
      return {
        node: node.name,
        url: node.url,
        ...startOf(live.states.get(node.name)),
        leader: node.name === live.leader,
        voter: live.voters.includes(node.name),
        ...(restartPolicy === undefined ? {} : { restartPolicy }),
      };
    }),
    voters: live.voters.length,
    quorum: live.quorum,
  };
}

const startOf = (state: NodeState | undefined): { readonly pid: number | null; readonly startTicks: number | null } =>
  state === undefined || state.state === 'gone'
    ? { pid: null, startTicks: null }
    : { pid: state.pid === 0 ? null : state.pid, startTicks: state.startTicks };
