import { join } from 'node:path';
import { bi } from '../core/text.js';
import { etcd3 } from './etcd.js';
import type { LabKind } from './kind.js';

/** etcd lays out its log ahead, twice 64 MiB; then comes its database. */
const DISK_MIB = 256;

/** etcd on disks that can be filled: a tmpfs for each node. */
export function etcd3SmallDisks(env: Readonly<Record<string, string | undefined>>, basePort?: number): LabKind {
  const etcd = etcd3(env, basePort, {
    // Below the mount point: a folder can be moved aside, a mount point cannot.
    dataPath: (dir, node) => join(dir, node, 'data'),
    usualPort: 24_891,
    afterOthers: 30,
    containers: {
      network: 'firedrill-etcd-3-small-disks',
      usualPort: 26_891,
      afterOthers: 46,
      usualNet: '172.29.79',
      net: '172.31',
    },
  });
  return {
    ...etcd,
    name: 'etcd-3-small-disks',
    title: bi(
      `three etcd nodes, each on a disk of its own of ${DISK_MIB} MiB; as root`,
      `三个 etcd 节点，各有 ${DISK_MIB} MiB 的独立磁盘；需要 root`,
    ),
    diskMiB: DISK_MIB,
  };
}
