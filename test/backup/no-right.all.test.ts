/** Who may not read everything gets no backup: never one that is empty, or lacks what was hidden from him. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { backupService } from '../../src/backup/index.js';
import { systemClock } from '../../src/core/clock.js';
import { describeError, WorldError } from '../../src/core/errors.js';
import type { Cluster } from '../../src/core/target.js';
import { registries } from '../../src/registries/index.js';
import { missingLab } from '../support/cluster.js';
import { ROOT_PASSWORD, type Secured, securedEtcdctl, startSecuredEtcd } from '../support/secured-etcd.js';
import { type Secured as SecuredZookeeper, startSecured } from '../support/secured-zookeeper.js';

const LIMIT_MS = 120_000;
const LIMIT = { limitMs: 5_000 };

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'firedrill-no-right-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const folder = (): string => mkdtempSync(join(root, 'backups-'));

const take = (mode: 'full' | 'incremental', cluster: Cluster, dir: string) =>
  backupService[mode]({ cluster, dir, timeZone: 'UTC', clock: systemClock, onSubstep: () => {} });

/** In one sentence, and nothing is written. */
async function expectRefused(cluster: Cluster, dir: string, why: RegExp): Promise<void> {
  const before = readdirSync(dir);
  for (const mode of ['full', 'incremental'] as const) {
    const error: unknown = await take(mode, cluster, dir).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error, mode).toBeInstanceOf(WorldError);
    const { en } = describeError(error);
    expect(en).toMatch(why);
    expect(en).not.toContain('\n');
    expect(en.length).toBeLessThan(500);
    expect(readdirSync(dir)).toEqual(before);
  }
}

const etcdMissing = missingLab('etcd-3');
describe.skipIf(etcdMissing !== null)(`etcd with users ${etcdMissing ?? ''}`, () => {
  let secured: Secured;
  const opened: Cluster[] = [];
  beforeAll(async () => {
    secured = await startSecuredEtcd(18_150);
    const etcdctl = (...args: readonly string[]) =>
      securedEtcdctl(secured.cluster, args, { as: `root:${ROOT_PASSWORD}` });
    etcdctl('put', '/services/shop/a', 'one');
    etcdctl('put', '/services/bank/b', 'two');
    for (const [user, prefix] of [
      ['blind', '/elsewhere/'],
      ['partial', '/services/shop/'],
    ] as const) {
      etcdctl('role', 'add', user);
      etcdctl('role', 'grant-permission', user, '--prefix=true', 'read', prefix);
      etcdctl('user', 'add', `${user}:word-of-${user}`);
      etcdctl('user', 'grant-role', user, user);
    }
  }, LIMIT_MS);
  afterAll(async () => {
    for (const { registry } of opened) registry.close();
    await secured?.stop();
  });

  function as(user: string, password: string): Cluster {
    const credentials = join(root, `${user}.yaml`);
    writeFileSync(credentials, `user: ${user}\npassword: "${password}"\n`);
    const binding = { ...secured.cluster.binding, access: { ...secured.cluster.binding.access, credentials } };
    const registry = registries.find('etcd')?.connect(binding);
    if (registry === undefined) throw new Error('no driver for etcd');
    const cluster = { ...secured.cluster, binding, registry };
    opened.push(cluster);
    return cluster;
  }

  test.each(['blind', 'partial'])(
    'the user %s gets no full backup, and no increment on that of another',
    async (user) => {
      const dir = folder();
      const cluster = as(user, `word-of-${user}`);
      await expectRefused(cluster, dir, /permission denied \(a snapshot is given to users with the role root only/);
      const { state } = await take('full', secured.cluster, dir);
      expect(state.instances).toBeGreaterThanOrEqual(2);
      await secured.cluster.registry
        .client('n1')
        .register({ service: 'shop', instance: 'more', value: `${user}` }, LIMIT);
      await expectRefused(cluster, dir, /permission denied \(a snapshot is given to users with the role root only/);
    },
    LIMIT_MS,
  );

  test(
    'a wrong password and no name at all give none either',
    async () => {
      await expectRefused(as('root', 'wrong'), folder(), /could not log in/);
      const { credentials: _, ...noName } = secured.cluster.binding.access ?? {};
      const binding = { ...secured.cluster.binding, access: noName };
      const registry = registries.find('etcd')?.connect(binding);
      if (registry === undefined) throw new Error('no driver for etcd');
      const cluster = { ...secured.cluster, binding, registry };
      opened.push(cluster);
      await expectRefused(
        cluster,
        folder(),
        /user (name is empty|not found).* \(a snapshot is given to users with the role root only/,
      );
    },
    LIMIT_MS,
  );
});

const zookeeperMissing = missingLab('zookeeper-3');
describe.skipIf(zookeeperMissing !== null)(`ZooKeeper with access lists ${zookeeperMissing ?? ''}`, () => {
  let secured: SecuredZookeeper;
  const opened: Cluster[] = [];
  beforeAll(async () => {
    secured = await startSecured(18_200);
  }, LIMIT_MS);
  afterAll(async () => {
    for (const { registry } of opened) registry.close();
    await secured?.stop();
  });

  function as(credentials: string): Cluster {
    const cluster = secured.as({ ...secured.access, credentials });
    opened.push(cluster);
    return cluster;
  }

  test(
    'whom the lists do not name gets no backup',
    async () => {
      const bob = join(root, 'bob.yaml');
      writeFileSync(bob, 'user: bob\npassword: "guess"\n');
      await expectRefused(as(bob), folder(), /authori[sz].* \(a snapshot needs all rights on the node \//i);
      const { credentials: _, ...noName } = secured.access;
      const nobody = secured.as(noName);
      opened.push(nobody);
      await expectRefused(nobody, folder(), /authori[sz].* \(a snapshot needs all rights on the node \//i);
    },
    LIMIT_MS,
  );

  test(
    'what is hidden from everybody is in the backup all the same, because the copy asks no list',
    async () => {
      const { registry } = secured.cluster;
      const client = registry.client('n1');
      const entry = { service: 'order-service', instance: 'hidden', value: 'still here' };
      expect(await client.register(entry, LIMIT)).toMatchObject({ outcome: 'ok' });
      const rules = await registry.access?.rules('n1', LIMIT);
      if (rules?.outcome !== 'ok') throw new Error('the rules are not listed');
      const its = rules.value.filter(({ resource }) => resource.includes('hidden'));
      expect(its.length).toBeGreaterThan(0);
      expect(await registry.access?.takeAway('n1', its, LIMIT)).toMatchObject({ outcome: 'ok' });
      // Listed by its name and not to be read: an answer that leaves it out would be a lie.
      expect(await client.discover('order-service', LIMIT)).toMatchObject({
        outcome: 'failed',
        reason: expect.stringContaining('NO_AUTH'),
      });
      expect(await client.listOwn(LIMIT)).toMatchObject({ outcome: 'failed' });
      const { path } = await take('full', secured.cluster, folder());
      const verdict = await backupService.verify(path);
      if (!verdict.sound) throw new Error(verdict.reason.en);
      const order = verdict.snapshot.services.find(({ name }) => name === 'order-service');
      expect(order?.instances.find(({ id }) => id === 'hidden')?.raw).toBe('still here');
      expect(await registry.access?.putBack('n1', its, LIMIT)).toMatchObject({ outcome: 'ok' });
    },
    LIMIT_MS,
  );
});
