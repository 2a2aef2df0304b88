import { readSecrets } from '../../core/access.js';
import { WorldError } from '../../core/errors.js';
import type { Registry, RegistryDriver } from '../../core/registry.js';
import { bi } from '../../core/text.js';
import { antietcdBackup } from './backup-antietcd.js';
import { etcdBackup } from './backup-etcd.js';
import { makeClient } from './client.js';
import { antietcdDialect } from './dialect-antietcd.js';
import { etcdDialect } from './dialect-etcd.js';
import { type Gateway, openGateway } from './gateway.js';
import { identify } from './identify.js';
import { asFolder } from './keys.js';
import { etcdLeases } from './leases.js';
import { memberNames } from './members.js';
import { etcdMembership } from './membership.js';
import { etcdSpace } from './space.js';

/** etcd v3 over its JSON gateway, and antietcd, which speaks a part of it. */
export const etcd: RegistryDriver = {
  name: 'etcd',
  title: 'etcd v3 (JSON gateway), antietcd',
  // Older gateways are at /v3beta.
  oldest: { etcd: '3.4' },
  identify,
  connect: ({ nodes, prefix, product, access }): Registry => {
    const secrets = readSecrets(access);
    const gateways = new Map(nodes.map((node) => [node.name, openGateway(node.url, secrets)]));
    const gatewayOf = (node: string): Gateway => gateways.get(node) ?? unknownNode(node);
    const names = memberNames(nodes);
    const isAntietcd = product === 'antietcd';
    const dialect = isAntietcd ? antietcdDialect(names) : etcdDialect(names);
    const clients = new Map(
      nodes.map(({ name }) => [
        name,
        makeClient({ node: name, gateway: gatewayOf(name), dialect, prefix: asFolder(prefix) }),
      ]),
    );
    return {
      kind: 'etcd',
      product,
      nodes: nodes.map((node) => node.name),
      client: (node) => clients.get(node) ?? unknownNode(node),
      backup: isAntietcd ? antietcdBackup(gatewayOf) : etcdBackup(gatewayOf, nodes),
      leases: etcdLeases({ gatewayOf, prefix: asFolder(prefix), isAntietcd }),
      ...(isAntietcd ? {} : { space: etcdSpace(gatewayOf), membership: etcdMembership(gatewayOf) }),
      close: () => {
        for (const gateway of gateways.values()) gateway.close();
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
