/** data.access-lost on a cluster that has rules to lose; and that exactly these come back. */
import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { systemClock as clock } from '../../src/core/clock.js';
import { faults } from '../../src/faults/index.js';
import { ETCD_36, missingEtcd36 } from '../setup/etcd.js';
import { missingLab } from '../support/cluster.js';
import { ROOT_PASSWORD, securedEtcdctl, startSecuredEtcd } from '../support/secured-etcd.js';
import { faultContract } from './contract.js';
import { killedBetweenPhases } from './killed.js';

const only = ['data.access-lost'];
const why = missingLab('etcd-3');

faultContract('etcd-3-secured', 0, { only, title: 'etcd with users', start: () => startSecuredEtcd(24_440) });
faultContract('etcd-3-secured', 0, {
  only,
  title: 'etcd 3.6 with users',
  missing: missingEtcd36(),
  start: () => startSecuredEtcd(24_460, ETCD_36),
});
killedBetweenPhases('etcd-3-secured', 0, { only, start: () => startSecuredEtcd(24_480) });

describe.skipIf(why !== null)(`the rules of etcd${why === null ? '' : `: ${why}`}`, () => {
  const fault = faults.find('data.access-lost');

  it('come back as they were: permissions of all kinds, on keys and ranges, and who has the role', async () => {
    const { cluster, stateRoot, stop } = await startSecuredEtcd(24_500);
    const root = (...args: readonly string[]): string => securedEtcdctl(cluster, args, { as: `root:${ROOT_PASSWORD}` });
    const rules = (): readonly string[] => [
      ...['registry', 'reader', 'elsewhere'].map((role) => root('role', 'get', role)),
      ...['shop', 'root', 'other'].map((user) => root('user', 'get', user)),
    ];
    try {
      root('role', 'add', 'reader');
      root('role', 'grant-permission', 'reader', 'read', '/services/实例 "1"');
      root('role', 'grant-permission', 'reader', 'write', '/a', '/z');
      root('role', 'grant-permission', 'reader', 'read', '--from-key=true', '/services/t');
      root('role', 'add', 'elsewhere');
      root('role', 'grant-permission', 'elsewhere', 'readwrite', '--prefix=true', '/elsewhere/');
      root('user', 'add', 'other:pw');
      root('user', 'grant-role', 'other', 'reader');
      root('user', 'grant-role', 'other', 'elsewhere');
      const before = rules();
      const world = { cluster, clock, stateDir: stateRoot };
      const request = { nodes: [], params: {}, step: 'break' };
      expect(await fault?.missing?.(cluster, request)).toBeNull();
      const data = (await fault?.prepare(world, request)) ?? {};
      expect(JSON.stringify(data)).not.toContain('elsewhere');
      await fault?.inject(world, data);
      const taken = rules();
      expect(taken[1]).not.toContain('/services/');
      expect(taken[2]).toBe(before[2]);
      expect(taken[4]).toBe(before[4]);
      expect(await fault?.revert(world, data)).toMatchObject({ reverted: true, nothingToDo: false });
      expect(rules()).toEqual(before);
    } finally {
      await stop();
    }
  });

  it('bind no root: plan refuses, and says what to write', async () => {
    const { reconnect, dir, stop } = await startSecuredEtcd(24_500);
    try {
      await writeFile(`${dir}/credentials.yaml`, `user: root\npassword: "${ROOT_PASSWORD}"\n`);
      const asRoot = reconnect();
      const said = await fault?.missing?.(asRoot, { nodes: [], params: {} });
      expect(said?.en).toContain('`clients`');
      asRoot.registry.close();
    } finally {
      await stop();
    }
  });
});
