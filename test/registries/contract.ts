/** What every registry adapter must do, proved on a real cluster of three nodes. */
import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import { invariant } from '../../src/core/errors.js';
import type { Cluster } from '../../src/core/target.js';
import { whatBrokenNodesAnswer } from './contract/broken-nodes.js';
import { whatClientsDo } from './contract/clients.js';
import { howTheClusterIsCopied } from './contract/copies.js';
import { howLeasesEnd } from './contract/leases.js';
import { whatMembersSay } from './contract/members.js';
import { heal } from './contract/tools.js';

export interface Constructed {
  readonly cluster: Cluster;
  readonly stop: () => Promise<void>;
}

/** `copies`: whether this version can hand out a copy of itself at all, also without a quorum. */
export function registryContract(
  title: string,
  missing: string | null,
  construct: () => Promise<Constructed>,
  { copies = true } = {},
): void {
  describe.skipIf(missing !== null)(`registry contract: ${title}${missing === null ? '' : ` (${missing})`}`, () => {
    let constructed: Constructed | undefined;
    const cluster = (): Cluster => {
      invariant(constructed, 'the cluster is up');
      return constructed.cluster;
    };
    beforeAll(async () => {
      constructed = await construct();
    });
    afterEach(() => heal(cluster()));
    afterAll(() => constructed?.stop());

    whatMembersSay(cluster);
    whatClientsDo(cluster);
    howLeasesEnd(cluster);
    whatBrokenNodesAnswer(cluster, { copies });
    if (copies) howTheClusterIsCopied(cluster);
  });
}
