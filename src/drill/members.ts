import type { RestartPolicy } from '../core/abilities.js';
import type { NodeSpec } from '../core/drill.js';
import { agreedLeader, majorityOf, readMembers } from '../core/members.js';
import type { Cluster, NodeState } from '../core/target.js';

const STATUS_LIMIT_MS = 2_000;

/** The target as it stands when the plan is made. */
export interface LiveTarget {
  readonly nodes: readonly NodeSpec[];
  readonly states: ReadonlyMap<string, NodeState>;
  /** Null = a majority does not agree on one. */
  readonly leader: string | null;
  readonly voters: readonly string[];
  readonly quorum: number;
  /** Why a node could not be asked. */
  readonly silent: ReadonlyMap<string, string>;
  /** Cluster id by node, where the registry has one and the node told it. */
  readonly clusterIds: ReadonlyMap<string, string>;
  /** Whether a node's manager brings it back; absent = its driver has none that does. */
  readonly policies?: ReadonlyMap<string, RestartPolicy>;
}

/** Looks once at every process and asks every node for its status; changes nothing. */
export async function lookAtTarget(cluster: Cluster): Promise<LiveTarget> {
  const { nodes } = cluster.binding;
  const [states, policies, views] = await Promise.all([
    Promise.all(nodes.map(async (node) => [node.name, await cluster.driver.inspect(node)] as const)),
    policiesOf(cluster),
    readMembers(cluster.registry, { limitMs: STATUS_LIMIT_MS }),
  ]);
  const silent = views.flatMap(({ node, answer }) => (answer.outcome === 'ok' ? [] : [[node, answer.reason] as const]));
  const notVoting = views.flatMap(({ node, answer }) => (answer.outcome === 'ok' && !answer.value.voter ? [node] : []));
  // A node that does not answer keeps its vote in the count: leaving it out would make the majority look smaller.
  const voters = nodes.map((node) => node.name).filter((name) => !notVoting.includes(name));
  return {
    nodes,
    states: new Map(states),
    leader: agreedLeader(views),
    voters,
    quorum: majorityOf(voters.length),
    silent: new Map(silent),
    clusterIds: new Map(
      views.flatMap(({ node, answer }) => {
        const id = answer.outcome === 'ok' ? answer.value.clusterId : null;
        return id === null ? [] : [[node, id] as const];
      }),
    ),
    ...(policies === null ? {} : { policies }),
  };
}

async function policiesOf({ driver, binding }: Cluster): Promise<ReadonlyMap<string, RestartPolicy> | null> {
  const { restartPolicy } = driver;
  if (restartPolicy === undefined) return null;
  const policies = await Promise.all(
    binding.nodes.map(async (node) => [node.name, await restartPolicy(node)] as const),
  );
  return new Map(policies.flatMap(([name, policy]) => (policy === null ? [] : [[name, policy] as const])));
}
