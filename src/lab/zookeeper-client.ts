/** ZooKeeper as the labs use it while they come up: through the adapter that drills use too. */
import type { NodeSpec } from '../core/drill.js';
import { invariant } from '../core/errors.js';
import type { Answer, CallOptions, NodeClient } from '../core/registry.js';
import type { DemoEntry } from './demo-data.js';
import type { ConnectLab, LabClient } from './kind.js';

const LIMIT: CallOptions = { limitMs: 2_000 };
/** Servers give at least two ticks. */
const SESSION_MS = 1_000;

export async function zookeeperLabClient(
  nodes: readonly NodeSpec[],
  connect: ConnectLab | undefined,
): Promise<LabClient> {
  invariant(connect !== undefined, 'a ZooKeeper lab is brought up with `connect` only');
  const registry = await connect({ registry: 'zookeeper', product: 'zookeeper', prefix: '/services/', nodes });
  return {
    writeAndSeeLeader: async ({ name }) => {
      const client = registry.client(name);
      // A session is a write that the quorum must take, and goes by itself.
      acknowledged(await client.grantLease(SESSION_MS, LIMIT));
      const { leader, term } = acknowledged(await client.status(LIMIT));
      if (leader === null) throw new Error('it names no leader');
      return `${leader} in term ${term}`;
    },
    seed: async ({ name }, entries) => {
      for (const entry of entries) acknowledged(await put(registry.client(name), entry));
    },
    // It leaves none.
    removeMarks: async () => {},
    close: registry.close,
  };
}

/** To the node that has the entry's key as its path. */
function put(client: NodeClient, { key, value }: DemoEntry): Promise<Answer<null>> {
  const [, folder, name, instance] = key.split('/');
  invariant(name !== undefined, `${key} is below a folder`);
  if (folder === 'settings') return client.putSetting({ name, value }, LIMIT);
  invariant(folder === 'services' && instance !== undefined, `${key} is a setting or an instance`);
  return client.register({ service: name, instance, value }, LIMIT);
}

function acknowledged<T>(answer: Answer<T>): T {
  if (answer.outcome !== 'ok') throw new Error(answer.reason);
  return answer.value;
}
