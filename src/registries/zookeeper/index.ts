import { WorldError } from '../../core/errors.js';
import type { Registry, RegistryDriver } from '../../core/registry.js';
import { bi } from '../../core/text.js';
import { addressOf } from './address.js';
import { type Admin, adminAt } from './admin.js';
import { exportSnapshot, zookeeperBackup } from './backup.js';
import { makeClient } from './client.js';
import { identify } from './identify.js';
import { LAYOUTS } from './layouts.js';
import { openPool } from './pool.js';
import { serverNames } from './server-names.js';
import { statusByAdmin, statusByFourLetters } from './status.js';

/** Apache ZooKeeper 3.8 and 3.9: its own protocol for the tree, its AdminServer for status and snapshots. */
export const zookeeper: RegistryDriver = {
  name: 'zookeeper',
  title: 'Apache ZooKeeper',
  identify,
  connect: ({ nodes, prefix, product, layout = 'firedrill' }): Registry => {
    const names = serverNames(nodes);
    const addresses = new Map(nodes.map(({ name, url }) => [name, addressOf(url)]));
    const admins = new Map(
      nodes.flatMap(({ name, adminUrl }) => (adminUrl === undefined ? [] : [[name, adminAt(adminUrl)] as const])),
    );
    const adminOf = (node: string): Admin | null => admins.get(node) ?? null;
    const place = { base: prefix.replace(/\/+$/, ''), layout: LAYOUTS[layout] };
    const members = new Map(
      nodes.map(({ name, url }) => {
        const address = addressOf(url);
        const parts = { node: name, address, names };
        const others = new Map([...addresses].filter(([other]) => other !== name));
        const admin = adminOf(name);
        const status = admin === null ? statusByFourLetters(parts, others) : statusByAdmin(parts, admin, adminOf);
        const pool = openPool(address);
        const snapshot = (signal: AbortSignal) => exportSnapshot(admin, signal);
        return [name, { pool, client: makeClient({ node: name, address, pool, place, status, snapshot }) }];
      }),
    );
    const member = (node: string) => members.get(node) ?? unknownNode(node);
    return {
      kind: 'zookeeper',
      product,
      nodes: nodes.map((node) => node.name),
      client: (node) => member(node).client,
      backup: zookeeperBackup(adminOf, place),
      close: () => {
        for (const { pool } of members.values()) pool.close();
      },
    };
  },
};

function unknownNode(node: string): never {
  throw new WorldError({
    code: 'node-unknown',
    message: bi(`the cluster has no node “${node}”`, `集群中没有节点“${node}”`),
  });
}
