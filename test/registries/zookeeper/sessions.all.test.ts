/** Sessions of somebody else, ended from outside; what their owner learns is told by a client of other people. */
import { createClient } from 'node-zookeeper-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { invariant } from '../../../src/core/errors.js';
import { missingLab, type StartedLab, startLab } from '../../support/cluster.js';
import { ok } from '../contract/tools.js';

const LIMIT = { limitMs: 3_000 };
const missing = missingLab('zookeeper-3');

describe.skipIf(missing !== null)(`sessions of ZooKeeper ${missing ?? ''}`, () => {
  let lab: StartedLab;
  beforeAll(async () => {
    lab = await startLab('zookeeper-3', 23_200);
  });
  afterAll(() => lab?.stop());

  test('an owner whose session is closed from outside learns that it expired, and nobody else’s ends', async () => {
    const { registry, binding } = lab.cluster;
    const [, second] = binding.nodes;
    const { leases } = registry;
    invariant(second && leases, 'it has nodes and leases');
    const mine = ok(await registry.client('n1').grantLease(8_000, LIMIT));
    ok(await registry.client('n1').register({ service: 'mine', instance: 'i', value: 'v', ...mine }, LIMIT));
    const owner = createClient(new URL(second.url).host, { sessionTimeout: 8_000, spinDelay: 50, retries: 0 });
    const states: string[] = [];
    owner.on('state', ({ name }) => states.push(name));
    try {
      await new Promise<void>((resolve) => {
        owner.once('connected', resolve);
        owner.connect();
      });
      await new Promise<void>((resolve, reject) =>
        owner.create('/services/order-service/theirs', Buffer.from('v'), 1, (error) =>
          error ? reject(error) : resolve(),
        ),
      );
      const held = ok(await leases.heldOn('n2', LIMIT));
      expect(held).toHaveLength(2);
      const theirs = held.find((id) => !mine.leaseId.startsWith(id));
      invariant(theirs, 'the owner has a session');
      expect(theirs).toBe(owner.getSessionId().toString('hex').replace(/^0+/, ''));

      expect(await leases.revoke('n3', theirs, LIMIT)).toEqual({ outcome: 'ok', value: null });
      await expect.poll(() => states, { timeout: 5_000 }).toContain('EXPIRED');
      const left = ok(await registry.client('n1').discover('order-service', LIMIT));
      expect(left.map(({ instance }) => instance)).not.toContain('theirs');
      expect(ok(await registry.client('n1').discover('mine', LIMIT))).toHaveLength(1);
      expect(await leases.revoke('n1', theirs, LIMIT), 'once more').toEqual({ outcome: 'ok', value: null });
      expect(ok(await leases.heldOn('n1', LIMIT))).toEqual(held.filter((id) => id !== theirs));
    } finally {
      owner.close();
    }
  });
});
