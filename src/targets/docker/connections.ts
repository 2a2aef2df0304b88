import type { ConnectionsAsked, NodeAbilities } from '../../core/abilities.js';
import type { NodeSpec } from '../../core/drill.js';
import { runInNetworkOf } from './helper.js';

const XARGS_ALL_DONE = [0, 123];
const REACHED = 'reached-';

/** Tried by busybox in a helper container, one helper for each port. */
export const connectionsFrom: NonNullable<NodeAbilities['connectionsFrom']> = async (node, asked) => {
  const ports = [...new Set(asked.targets.map(({ port }) => port))];
  const answers = await Promise.all(ports.map((port) => countsOnPort(node, asked, port)));
  if (answers.some((answer) => answer === null)) return null;
  return asked.targets.map(({ address, port }) => answers[ports.indexOf(port)]?.(address) ?? 0);
};

/**
 * One helper tries all addresses at the same time. A connection leaves a word on standard error: standard output is the
 * connection itself. `-t` tells what was tried.
 */
async function countsOnPort(
  node: NodeSpec,
  { image, mark, targets, withinMs }: ConnectionsAsked,
  port: number,
): Promise<((address: string) => number) | null> {
  const addresses = targets.flatMap((target) =>
    target.port === port ? Array.from({ length: target.times }, () => target.address) : [],
  );
  const connect = ['busybox', 'nc', '-w', '1', '%', String(port), '-e', 'busybox', 'ls', `${REACHED}%`];
  const { cutOff, exitCode, stderr } = await runInNetworkOf(node, {
    image,
    argv: ['busybox', 'xargs', '-t', '-P', String(addresses.length), '-I', '%', ...connect],
    stdin: `${addresses.join('\n')}\n`,
    // `-w 1` ends each of them.
    ...(withinMs === null ? {} : { withinMs }),
    ...(mark === undefined ? {} : { mark }),
  });
  const tried = addresses.length <= countOf(stderr, `${port} -e busybox`);
  if (!tried || (cutOff !== true && !XARGS_ALL_DONE.includes(exitCode))) return null;
  return (address) => countOf(stderr, `ls: ${REACHED}${address}:`);
}

const countOf = (text: string, part: string): number => text.split(part).length - 1;
