import { readSecrets } from '../../core/access.js';
import { WorldError } from '../../core/errors.js';
import type { Registry, RegistryDriver } from '../../core/registry.js';
import { bi } from '../../core/text.js';
import { etcdAccess } from './access.js';
import { ANTIETCD_COPY, antietcdBackup, dumpFileProblem } from './backup-antietcd.js';
import { ETCD_COPY, etcdBackup, snapshotProblem } from './backup-etcd.js';
import { etcdChanges } from './changes.js';
import { makeClient } from './client.js';
import { antietcdDialect } from './dialect-antietcd.js';
import { etcdDialect } from './dialect-etcd.js';
import type { Gateway } from './gateway.js';
import { etcdHistory } from './history.js';
import { identify } from './identify.js';
import { asFolder } from './keys.js';
import { etcdLeases } from './leases.js';
import { memberNames } from './members.js';
import { etcdMembership } from './membership.js';
import { type Gateways, openGateways } from './open.js';
import { etcdSpace } from './space.js';

/** etcd v3 over its JSON gateway, and antietcd, which speaks a part of it. */
export const etcd: RegistryDriver = {
  name: 'etcd',
  title: 'etcd v3 (JSON gateway), antietcd',
  // Older gateways are at /v3beta.
  oldest: { etcd: '3.4' },
  identify,
  nativeCopies: { [ETCD_COPY]: snapshotProblem, [ANTIETCD_COPY]: dumpFileProblem },
  connect: ({ nodes, prefix, product, access }): Registry => {
    const secrets = readSecrets(access);
    const asClients = secrets.clients ?? secrets.credentials;
    const gateways = new Map(nodes.map((node) => [node.name, openGateways(node.url, secrets)]));
    const gatewaysTo = (node: string): Gateways => gateways.get(node) ?? unknownNode(node);
    const gatewayOf = (node: string): Gateway => gatewaysTo(node).admin;
    const names = memberNames(nodes);
    const isAntietcd = product === 'antietcd';
    const dialect = isAntietcd ? antietcdDialect(names) : etcdDialect(names);
    const clients = new Map(
      nodes.map(({ name }) => [
        name,
        makeClient({ node: name, gateways: gatewaysTo(name), dialect, prefix: asFolder(prefix) }),
      ]),
    );
    return {
      kind: 'etcd',
      product,
      nodes: nodes.map((node) => node.name),
      client: (node) => clients.get(node) ?? unknownNode(node),
      backup: isAntietcd ? antietcdBackup(gatewayOf) : etcdBackup({ gatewayOf, nodes, prefix: asFolder(prefix) }),
      leases: etcdLeases({ gatewayOf, prefix: asFolder(prefix), isAntietcd }),
      ...(isAntietcd
        ? {}
        : {
            space: etcdSpace(gatewayOf),
            membership: etcdMembership(gatewayOf),
            access: etcdAccess({ gatewayOf, prefix: asFolder(prefix), clientUser: asClients?.user ?? null }),
            changes: etcdChanges(gatewayOf, asFolder(prefix)),
            history: etcdHistory(gatewayOf, asFolder(prefix)),
          }),
      forgetLogins: () => {
        for (const { admin, client } of gateways.values()) {
          admin.forgetLogin();
          client.forgetLogin();
        }
      },
      close: () => {
        for (const { admin } of gateways.values()) admin.close();
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
