/**
 * Network namespaces of a lab: one per node, and one that holds the bridge between them, so that no rule of this machine
 * (Docker's, say) stands between two nodes. All names are made of the lab's folder: whoever knows it finds them.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { WorldError } from '../core/errors.js';
import { findProgram } from '../core/find-program.js';
import { type Bilingual, bi } from '../core/text.js';

/** Addresses of the nodes, and of this machine, from where their clients reach them. */
export interface NetworkPlan {
  readonly host: string;
  readonly prefixLength: number;
  readonly nodes: readonly { readonly name: string; readonly address: string }[];
}

const NAMES_DIR = '/run/netns';
const SWITCH = 'switch';
const BRIDGE = 'br0';

/** Names of links have at most 15 characters. */
const keyOf = (dir: string): string => createHash('sha256').update(dir).digest('hex').slice(0, 8);
const namespaceName = (dir: string, part: string): string => `firedrill-${keyOf(dir)}-${part}`;
const hostLink = (dir: string): string => `fd${keyOf(dir)}`;
export const namespacePath = (dir: string, node: string): string => `${NAMES_DIR}/${namespaceName(dir, node)}`;

const PROGRAMS = ['ip', 'nsenter'] as const;

/** Null = they can be made here. */
export async function missingForNamespaces(
  env: Readonly<Record<string, string | undefined>>,
): Promise<Bilingual | null> {
  if (process.platform !== 'linux') return bi('network namespaces need Linux', '网络命名空间需要 Linux');
  if (process.getuid?.() !== 0) return bi('only root can make network namespaces', '只有 root 才能创建网络命名空间');
  for (const program of PROGRAMS) {
    if ((await findProgram(program, env)) !== null) continue;
    return bi(
      `\`${program}\` is not on the PATH. Debian: \`apt-get install iproute2 util-linux\``,
      `PATH 中没有 \`${program}\`。Debian：\`apt-get install iproute2 util-linux\``,
    );
  }
  return null;
}

/** Those that are there already stay as they are: a lab of which one node is started again. */
export async function makeNamespaces(lab: string, dir: string, plan: NetworkPlan): Promise<void> {
  const all = [SWITCH, ...plan.nodes.map(({ name }) => name)];
  if (all.every((part) => existsSync(namespacePath(dir, part)))) return;
  // Half of it is of no use.
  await removeNamespaces(dir);
  await refuseTaken(lab, plan);
  const hub = namespaceName(dir, SWITCH);
  await ip('netns', 'add', hub);
  await ip('-n', hub, 'link', 'add', BRIDGE, 'type', 'bridge');
  await ip('-n', hub, 'link', 'set', BRIDGE, 'up');
  const link = hostLink(dir);
  await ip('link', 'add', link, 'type', 'veth', 'peer', 'name', 'host', 'netns', hub);
  await ip('-n', hub, 'link', 'set', 'host', 'master', BRIDGE, 'up');
  await ip('address', 'add', `${plan.host}/${plan.prefixLength}`, 'dev', link);
  await ip('link', 'set', link, 'up');
  for (const node of plan.nodes) await addNode(node, { dir, hub, prefixLength: plan.prefixLength });
}

async function addNode(
  { name, address }: NetworkPlan['nodes'][number],
  { dir, hub, prefixLength }: { readonly dir: string; readonly hub: string; readonly prefixLength: number },
): Promise<void> {
  const own = namespaceName(dir, name);
  await ip('netns', 'add', own);
  await ip('-n', hub, 'link', 'add', name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', own);
  await ip('-n', hub, 'link', 'set', name, 'master', BRIDGE, 'up');
  await ip('-n', own, 'address', 'add', `${address}/${prefixLength}`, 'dev', 'eth0');
  await ip('-n', own, 'link', 'set', 'eth0', 'up');
  await ip('-n', own, 'link', 'set', 'lo', 'up');
}

/** Names of what is still there. */
export function namespacesLeft(dir: string): readonly string[] {
  const prefix = namespaceName(dir, '');
  const names = existsSync(NAMES_DIR) ? readdirSync(NAMES_DIR).filter((name) => name.startsWith(prefix)) : [];
  return existsSync(`/sys/class/net/${hostLink(dir)}`) ? [...names, hostLink(dir)] : names;
}

/** How many there were. The processes in them have to be ended before: a namespace lives as long as one is in it. */
export async function removeNamespaces(dir: string): Promise<number> {
  const left = namespacesLeft(dir);
  // The link first: with its namespace it would go only some time later.
  if (left.includes(hostLink(dir))) await ip('link', 'delete', hostLink(dir));
  for (const name of left) if (name !== hostLink(dir)) await ip('netns', 'delete', name);
  return left.length;
}

/** Two labs of different state folders would answer under the same addresses. */
async function refuseTaken(lab: string, { host, prefixLength }: NetworkPlan): Promise<void> {
  const said = await ip('-o', 'route', 'show', 'root', `${host}/${prefixLength}`);
  const addresses = await ip('-o', '-4', 'address', 'show', 'to', `${host}/${prefixLength}`);
  const taken = `${said}${addresses}`.trim().split('\n')[0] ?? '';
  if (taken === '') return;
  throw new WorldError({
    code: 'lab-network-refused',
    message: bi(
      `${lab} needs the addresses ${host}/${prefixLength}, which this machine has already: ${taken}`,
      `${lab} 需要地址段 ${host}/${prefixLength}，但本机已在使用：${taken}`,
    ),
    hint: bi(
      'A lab of another state folder is stopped with `lab down` there; FIREDRILL_LAB_PORT_BASE gives this one other addresses.',
      '若是另一状态目录中的练习集群，请在那里运行 `lab down`；也可用 FIREDRILL_LAB_PORT_BASE 换用其他地址。',
    ),
  });
}

function ip(...args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('ip', args, { encoding: 'utf8' }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(refused(args, stderr.trim() === '' ? error.message : stderr.trim(), error));
    });
  });
}

const refused = (args: readonly string[], said: string, cause: Error): WorldError =>
  new WorldError({
    code: 'lab-network-refused',
    message: bi(`\`ip ${args.join(' ')}\` failed: ${said}`, `\`ip ${args.join(' ')}\` 失败：${said}`),
    hint: bi(
      'The kernel may lack network namespaces, veth or bridge, or this root may not make them (a container?).',
      '内核可能不支持网络命名空间、veth 或 bridge，或此 root 无权创建（在容器中？）。',
    ),
    cause,
  });
