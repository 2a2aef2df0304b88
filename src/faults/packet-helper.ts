/** Programs in a node's network namespace: they read and change packet rules, and try connections from there. */
import type { HelperCommand, HelperResult } from '../core/abilities.js';
import { WorldError } from '../core/errors.js';
import type { Cluster } from '../core/target.js';
import { bi } from '../core/text.js';
import { ourLines } from './packet-rules.js';
import type { PacketRecord, PacketSite } from './packet-site.js';
import type { Probe } from './partition-record.js';

type Helper = Pick<PacketRecord, 'image' | 'mark'>;
/** The node, and its namespace where that outlives its process. */
type Place = Pick<PacketSite, 'spec' | 'network'> & Pick<HelperCommand, 'apart'>;

/** On a network of containers or namespaces an answer comes within a few ms; a second try of the kernel's comes after 1 s. */
const ANSWER_MS = 100;

/** All rules at once, or none. */
export async function restoreRules(
  cluster: Cluster,
  place: Place,
  { image, mark, stdin }: Helper & Pick<HelperCommand, 'stdin'>,
): Promise<void> {
  const argv = ['iptables-restore', '--noflush', '--wait'];
  const command = { image, mark, argv, ...(stdin === undefined ? {} : { stdin }) };
  await succeed(place, argv, await run(cluster, place, command));
}

/** Our lines of the filter table. */
export async function savedRules(cluster: Cluster, place: Place, { image, mark }: Helper): Promise<readonly string[]> {
  const argv = ['iptables-save', '-t', 'filter'];
  const { stdout } = await succeed(place, argv, await run(cluster, place, { image, mark, argv }));
  return ourLines(stdout, mark);
}

/** From inside the node: which of these took a connection. Null = it could not be tried. */
export async function reachedFrom(
  cluster: Cluster,
  place: Place,
  { image, mark, probes }: Helper & { readonly probes: readonly Probe[] },
): Promise<readonly Probe[] | null> {
  const { connectionsFrom } = cluster.driver;
  if (connectionsFrom === undefined) throw lacking(cluster);
  const targets = probes.map(({ address, port }) => ({ address, port, times: 1 }));
  const { spec, network } = place;
  const counts = await connectionsFrom(spec, { image, mark, network, targets, withinMs: ANSWER_MS });
  return counts === null ? null : probes.filter((_, index) => (counts[index] ?? 0) > 0);
}

async function run(cluster: Cluster, { spec, network, apart }: Place, command: HelperCommand): Promise<HelperResult> {
  const { runInNetworkOf } = cluster.driver;
  if (runInNetworkOf === undefined) throw lacking(cluster);
  return runInNetworkOf(spec, { ...command, network, ...(apart === undefined ? {} : { apart }) });
}

const lacking = ({ driver }: Cluster): WorldError =>
  new WorldError({
    code: 'ability-missing',
    message: bi(`driver ${driver.name} cannot work in a node’s network`, `驱动 ${driver.name} 无法在节点的网络中操作`),
  });

async function succeed({ spec: node }: Place, argv: readonly string[], result: HelperResult): Promise<HelperResult> {
  if (result.exitCode === 0) return result;
  const [program, said] = [argv.join(' '), `${result.stderr}${result.stdout}`.trim()];
  throw new WorldError({
    code: 'packet-rules-refused',
    message: bi(
      `\`${program}\` in the network of ${node.name} ended with ${result.exitCode}: ${said}`,
      `在 ${node.name} 的网络中执行 \`${program}\` 的退出码为 ${result.exitCode}：${said}`,
    ),
    hint: bi(
      'The kernel or the helper image may lack iptables’ filter table; another image can be named in FIREDRILL_IMAGE_NET.',
      '内核或辅助镜像可能缺少 iptables 的 filter 表；可用 FIREDRILL_IMAGE_NET 指定其他镜像。',
    ),
  });
}
