import { readSecrets } from '../../core/access.js';
import { WorldError } from '../../core/errors.js';
import type { Registry, RegistryDriver } from '../../core/registry.js';
import { bi } from '../../core/text.js';
import { accessTo } from './access.js';
import { zookeeperRules } from './access-rules.js';
import { serverAt } from './address.js';
import { type Admin, adminAt } from './admin.js';
import { exportSnapshot, ZOOKEEPER_COPY, zookeeperBackup } from './backup.js';
import { zookeeperChanges } from './changes.js';
import { makeClient } from './client.js';
import { identify } from './identify.js';
import { LAYOUTS } from './layouts.js';
import { openPool } from './pool.js';
import { serverNames } from './server-names.js';
import { zookeeperSessions } from './sessions.js';
import { snapshotProblem } from './snapshot-file.js';
import { statusByAdmin, statusByFourLetters } from './status.js';

/** Apache ZooKeeper 3.8 and 3.9: its own protocol for the tree, its AdminServer for status and snapshots. */
export const zookeeper: RegistryDriver = {
  name: 'zookeeper',
  title: 'Apache ZooKeeper',
  oldest: { zookeeper: '3.8' },
  identify,
  nativeCopies: { [ZOOKEEPER_COPY]: snapshotProblem },
  connect: ({ nodes, prefix, product, layout = 'firedrill', access: files }): Registry => {
    const secrets = readSecrets(files);
    const names = serverNames(nodes);
    const servers = new Map(nodes.map(({ name, url }) => [name, serverAt(url, secrets)]));
    const admins = new Map(
      nodes.flatMap(({ name, adminUrl }) =>
        adminUrl === undefined ? [] : [[name, adminAt(adminUrl, secrets)] as const],
      ),
    );
    const adminOf = (node: string): Admin | null => admins.get(node) ?? null;
    const place = { base: prefix.replace(/\/+$/, ''), layout: LAYOUTS[layout] };
    const members = new Map(
      [...servers].map(([name, server]) => {
        const parts = { node: name, server, names };
        const others = new Map([...servers].filter(([other]) => other !== name));
        const admin = adminOf(name);
        const status = admin === null ? statusByFourLetters(parts, others) : statusByAdmin(parts, admin, adminOf);
        const pool = openPool(server);
        const snapshot = (signal: AbortSignal) => exportSnapshot(admin, signal);
        const access = accessTo({ server, pool, place, snapshot });
        return [name, { server, pool, access, client: makeClient({ node: name, status, access, place }) }];
      }),
    );
    const member = (node: string) => members.get(node) ?? unknownNode(node);
    return {
      kind: 'zookeeper',
      product,
      nodes: nodes.map((node) => node.name),
      client: (node) => member(node).client,
      backup: zookeeperBackup(adminOf, place),
      access: zookeeperRules((node) => member(node).access, place),
      changes: zookeeperChanges((node) => member(node).server, place),
      leases: zookeeperSessions((node) => member(node).access, place),
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
