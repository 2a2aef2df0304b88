import type { Scalar } from '../core/drill.js';
import { describeError } from '../core/errors.js';
import type { ProbeWorld, Sample } from '../core/probe.js';
import type { Cluster } from '../core/target.js';
import { type Bilingual, bi } from '../core/text.js';

type Params = Readonly<Record<string, Scalar>>;

export const unknown = (detail: Bilingual, facts?: Sample['facts']): Sample => ({
  value: null,
  detail,
  ...(facts && { facts }),
});

/** A probe of a cluster: without one, or when the look throws, it cannot tell. */
export const withCluster =
  (look: (cluster: Cluster, world: ProbeWorld, params: Params) => Promise<Sample>) =>
  async (world: ProbeWorld, params: Params): Promise<Sample> => {
    if (world.cluster === null) return unknown(bi('this drill has no target to look at', '此演练没有可观察的目标'));
    try {
      return await look(world.cluster, world, params);
    } catch (error) {
      return unknown(describeError(error));
    }
  };
