import { missingAbility, type NodeAct } from '../core/abilities.js';
import type { Catalog } from '../core/catalog.js';
import type { NodeRecovery } from '../core/drill.js';
import type { Fault } from '../core/fault.js';
import type { Refusal } from '../core/plan.js';
import type { Cluster } from '../core/target.js';
import { type Bilingual, bi } from '../core/text.js';
import type { StepBinding } from './guard.js';

interface Asked {
  readonly bindings: readonly StepBinding[];
  readonly faults: Catalog<Fault>;
  readonly cluster: Cluster | null;
}

/** Faults, and ways of recovering, that this target cannot have, each told before anything is broken. */
export async function impossibleSteps({ bindings, faults, cluster }: Asked): Promise<readonly Refusal[]> {
  if (cluster === null) return [];
  const acts = bindings.map((binding) => impossibleAct(binding, cluster));
  const refusals = await Promise.all(
    bindings.map(async ({ step, nodes: names }): Promise<readonly Refusal[]> => {
      if (step.verb === 'recover' && step.action === 'switch-site') return whyNoSwitch(cluster, step.id);
      if (step.verb === 'recover' && step.action === 'node.force-new-cluster')
        return whyNotAlone(cluster, step.id, names);
      const fault = step.verb === 'inject' ? faults.find(step.fault) : undefined;
      if (step.verb !== 'inject' || fault?.missing === undefined) return [];
      const nodes = cluster.binding.nodes.filter(({ name }) => names.includes(name));
      const message = await fault.missing(cluster, { nodes, params: step.params });
      return message === null ? [] : [{ code: 'fault-impossible', step: step.id, message }];
    }),
  );
  return [...refusals.flat(), ...(await Promise.all(acts)).flat()];
}

/** What a step that is no fault does to nodes, and what the driver may have no way for. */
const ACTS: Readonly<Record<NodeRecovery | 'restore', readonly NodeAct[]>> = {
  'node.start': ['start'],
  'node.resume': ['freeze'],
  'node.restart': ['end'],
  'node.force-new-cluster': ['end', 'start'],
  restore: ['end', 'kill'],
};

async function impossibleAct({ step, nodes: chosen }: StepBinding, cluster: Cluster): Promise<readonly Refusal[]> {
  const { binding, driver } = cluster;
  const full = step.verb === 'restore' && step.services === undefined;
  if (step.verb !== 'recover' && !full) return [];
  if (step.verb === 'recover' && step.on === null) return [];
  const what = step.verb === 'recover' ? step.action : 'restore';
  const nodes = full ? binding.nodes : binding.nodes.filter(({ name }) => chosen.includes(name));
  const asked = nodes.flatMap((node) =>
    ACTS[what].map(async (act) => ({ node, why: await missingAbility(driver, node, act) })),
  );
  const [first] = (await Promise.all(asked)).filter(({ why }) => why !== null);
  if (first === undefined || first.why === null) return [];
  const { node, why } = first;
  const message = bi(
    `${what} cannot be done on ${node.name}: ${why.en}`,
    `无法在 ${node.name} 上执行 ${what}：${why.zh}`,
  );
  return [{ code: 'step-impossible', step: step.id, message }];
}

function whyNoSwitch({ standby }: Cluster, step: string): readonly Refusal[] {
  if (standby !== undefined) return [];
  const message = bi('The target has no standby site to switch to.', '目标没有可切换的备用站点。');
  const hint = bi(
    'Give it one: “standby” with its own nodes, or “lab: etcd-2-sites”.',
    '请为其指定：“standby”及其节点，或“lab: etcd-2-sites”。',
  );
  return [{ code: 'recovery-impossible', step, message, hint }];
}

function whyNotAlone(cluster: Cluster, step: string, names: readonly string[]): readonly Refusal[] {
  const { membership } = cluster.registry;
  const refused = (message: Bilingual): readonly Refusal[] => [{ code: 'recovery-impossible', step, message }];
  if (membership === undefined)
    return refused(bi('This registry has no members that could be given up.', '该注册中心没有可放弃的成员。'));
  if (names.length !== 1) return refused(bi('Only one node can go on alone.', '只能让一个节点单独继续。'));
  const nodes = cluster.binding.nodes.filter(({ name }) => names.includes(name));
  return nodes.flatMap((node) =>
    membership.alone(node) === null
      ? refused(
          bi(
            `${node.name} can go on alone only if it is started by etcd’s own command line (with --data-dir), which can be added to.`,
            `让 ${node.name} 单独继续，须以 etcd 自身的命令行（带 --data-dir）启动它，以便追加参数。`,
          ),
        )
      : [],
  );
}
