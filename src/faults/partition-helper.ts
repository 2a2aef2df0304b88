/** Programs in a node's network namespace: they read and change packet rules, and try connections from there. */
import type { HelperCommand, HelperResult } from '../core/abilities.js';
import type { NodeSpec } from '../core/drill.js';
import { WorldError } from '../core/errors.js';
import type { Cluster } from '../core/target.js';
import { bi } from '../core/text.js';
import type { PartitionRecord, Probe } from './partition-record.js';
import { ourLines } from './partition-rules.js';

type Helper = Pick<PartitionRecord, 'image' | 'mark'>;

/** On a container network an answer comes within a few ms; a second try of the kernel's comes after 1 s. */
const ANSWER_MS = 100;
const XARGS_ALL_DONE = [0, 123];

/** All rules at once, or none. */
export async function restoreRules(
  cluster: Cluster,
  node: NodeSpec,
  { image, mark, stdin }: Helper & Pick<HelperCommand, 'stdin'>,
): Promise<void> {
  const argv = ['iptables-restore', '--noflush', '--wait'];
  await succeed(node, argv, await run(cluster, node, { image, mark, argv, ...(stdin === undefined ? {} : { stdin }) }));
}

export async function savedRules(
  cluster: Cluster,
  node: NodeSpec,
  { image, mark }: Helper,
): Promise<readonly string[]> {
  const argv = ['iptables-save', '-t', 'filter'];
  const { stdout } = await succeed(node, argv, await run(cluster, node, { image, mark, argv }));
  return ourLines(stdout, mark);
}

/** From inside the node: which of these took a connection. Null = it could not be tried. */
export async function reachedFrom(
  cluster: Cluster,
  node: NodeSpec,
  asked: Helper & { readonly probes: readonly Probe[] },
): Promise<readonly Probe[] | null> {
  const ports = [...new Set(asked.probes.map(({ port }) => port))];
  const answers = await Promise.all(
    ports.map((port) => {
      const probes = asked.probes.filter((probe) => probe.port === port);
      return reachedOnPort(cluster, node, { ...asked, probes, port });
    }),
  );
  return answers.some((answer) => answer === null) ? null : answers.flatMap((answer) => answer ?? []);
}

/**
 * One helper tries all addresses at the same time. A connection leaves a word on standard error: standard output is the
 * connection itself. `-t` tells what was tried.
 */
async function reachedOnPort(
  cluster: Cluster,
  node: NodeSpec,
  asked: Helper & { readonly probes: readonly Probe[]; readonly port: number },
): Promise<readonly Probe[] | null> {
  const { image, mark, probes, port } = asked;
  const connect = ['busybox', 'nc', '-w', '1', '%', String(port), '-e', 'busybox', 'ls', `${REACHED}%`];
  const { cutOff, exitCode, stderr } = await run(cluster, node, {
    image,
    mark,
    argv: ['busybox', 'xargs', '-t', '-P', String(probes.length), '-I', '%', ...connect],
    stdin: `${probes.map(({ address }) => address).join('\n')}\n`,
    withinMs: ANSWER_MS,
  });
  const tried = probes.every(({ address }) => stderr.includes(`-w 1 ${address} ${port}`));
  if (!tried || (cutOff !== true && !XARGS_ALL_DONE.includes(exitCode))) return null;
  return probes.filter(({ address }) => stderr.includes(`ls: ${REACHED}${address}:`));
}
const REACHED = 'reached-';

function run(cluster: Cluster, node: NodeSpec, command: HelperCommand): Promise<HelperResult> {
  const { runInNetworkOf, name } = cluster.driver;
  if (runInNetworkOf !== undefined) return runInNetworkOf(node, command);
  throw new WorldError({
    code: 'ability-missing',
    message: bi(`driver ${name} cannot work in a node’s network`, `驱动 ${name} 无法在节点的网络中操作`),
  });
}

async function succeed(node: NodeSpec, argv: readonly string[], result: HelperResult): Promise<HelperResult> {
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
