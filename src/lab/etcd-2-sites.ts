import { join } from 'node:path';
import { WorldError } from '../core/errors.js';
import { findProgram } from '../core/find-program.js';
import { bi } from '../core/text.js';
import { etcdMember, MISSING } from './etcd.js';
import { etcdLabClient } from './etcd-client.js';
import { type LabKind, local } from './kind.js';

const USUAL_PORT = 26_791;
/** With one base port for all labs, those of the others come first. */
const AFTER_OTHERS = 170;
const PEER_OFFSET = 10;
const MAIN = ['n1', 'n2', 'n3'] as const;
const STANDBY = ['s1'] as const;
const SITE = 'standby';

/**
 * Two sites: a cluster of three at the main one, a cluster of one at the standby, and `etcdctl make-mirror` between them,
 * which copies every key without its lease. It outlasts the loss of either side.
 */
export function etcd2Sites(env: Readonly<Record<string, string | undefined>>, basePort?: number): LabKind {
  const first = basePort === undefined ? USUAL_PORT : basePort + AFTER_OTHERS;
  const names: readonly string[] = [...MAIN, ...STANDBY];
  const clientPort = (name: string): number => first + names.indexOf(name);
  const peerPort = (name: string): number => clientPort(name) + PEER_OFFSET;
  const clusterOf = (members: readonly string[]): string =>
    members.map((name) => `${name}=${local(peerPort(name))}`).join(',');
  const urls = (members: readonly string[]): string => members.map((name) => local(clientPort(name))).join(',');
  return {
    name: 'etcd-2-sites',
    title: bi(
      'two sites: three etcd processes, and a standby of one that etcdctl make-mirror keeps like them',
      '两个站点：三个 etcd 进程，以及由 etcdctl make-mirror 保持同步的单节点备用集群',
    ),
    product: 'etcd',
    missing: async () => {
      const programs = await Promise.all(['etcd', 'etcdctl'].map((program) => findProgram(program, env)));
      return programs.includes(null) ? MISSING : null;
    },
    dataPath: join,
    nodeNames: names,
    settleMs: 0,
    client: async () => etcdLabClient,
    nodes: async (dir) => {
      const program = await findProgram('etcd', env);
      if (program === null) throw new WorldError({ code: 'lab-missing', message: MISSING });
      const member = (name: string, members: readonly string[], site: string) => ({
        ...etcdMember({
          program,
          name,
          data: join(dir, name),
          dir,
          clientPort: clientPort(name),
          peerPort: peerPort(name),
          cluster: clusterOf(members),
        }),
        site,
      });
      return [...MAIN.map((name) => member(name, MAIN, 'main')), ...STANDBY.map((name) => member(name, STANDBY, SITE))];
    },
    standby: {
      site: SITE,
      program: () => findProgram('etcdctl', env),
      replication: (dir) => {
        const link = join(dir, 'make-mirror');
        return {
          name: 'make-mirror',
          url: local(clientPort('s1')),
          find: { by: 'argument', text: link },
          start: [link, '--endpoints', urls(MAIN), 'make-mirror', '--prefix', '/', urls(STANDBY)],
          cwd: dir,
          data: link,
        };
      },
    },
  };
}
