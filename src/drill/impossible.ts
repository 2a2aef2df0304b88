import type { Catalog } from '../core/catalog.js';
import type { Fault } from '../core/fault.js';
import type { Refusal } from '../core/plan.js';
import type { Cluster } from '../core/target.js';
import type { StepBinding } from './guard.js';

interface Asked {
  readonly bindings: readonly StepBinding[];
  readonly faults: Catalog<Fault>;
  readonly cluster: Cluster | null;
}

/** Faults that this target cannot have, each told before anything is broken. */
export async function impossibleFaults({ bindings, faults, cluster }: Asked): Promise<readonly Refusal[]> {
  if (cluster === null) return [];
  const refusals = await Promise.all(
    bindings.map(async ({ step, nodes: names }): Promise<readonly Refusal[]> => {
      const fault = step.verb === 'inject' ? faults.find(step.fault) : undefined;
      if (step.verb !== 'inject' || fault?.missing === undefined) return [];
      const nodes = cluster.binding.nodes.filter(({ name }) => names.includes(name));
      const message = await fault.missing(cluster, { nodes, params: step.params });
      return message === null ? [] : [{ code: 'fault-impossible', step: step.id, message }];
    }),
  );
  return refusals.flat();
}
