/** The network namespace of a process: `net:[4026532290]`, as the kernel calls it. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { NodeSpec } from '../../core/drill.js';
import { WorldError } from '../../core/errors.js';
import { findNodeProcess } from '../../core/node-process.js';
import { bi } from '../../core/text.js';

export const ownNetwork = (): string | null => networkAt('/proc/self/ns/net');

/** Null = it has no process. */
export function networkOf(node: Pick<NodeSpec, 'name' | 'find'>): string | null {
  const row = findNodeProcess(node);
  return row === null ? null : networkAt(`/proc/${row.pid}/ns/net`);
}

/**
 * A file by which the namespace can be entered; null = there is none any more. It lives as long as it has a name (`ip
 * netns`, a mount) or a process in it: the node's own, or any other. One that only a file descriptor of a process in
 * another namespace still holds is not found. A later namespace may get the same number; there is nothing of ours in it.
 */
export function pathOfNetwork(network: string): string | null {
  return mountOf(network) ?? processIn(network);
}

/** `36 28 0:4 net:[4026532290] /run/netns/blue rw shared:7 - nsfs nsfs rw` */
function mountOf(network: string): string | null {
  for (const line of readFileSync('/proc/self/mountinfo', 'utf8').split('\n')) {
    const [, , , root, path] = line.split(' ');
    if (root === network && path !== undefined) return unescaped(path);
  }
  return null;
}

/** Spaces and the like are octal there. */
const unescaped = (path: string): string =>
  path.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

function processIn(network: string): string | null {
  for (const pid of readdirSync('/proc')) {
    const path = `/proc/${pid}/ns/net`;
    if (/^\d+$/.test(pid) && holds(path, network)) return path;
  }
  return null;
}

/** What even root may not look at is not where root has put rules. */
function holds(path: string, network: string): boolean {
  try {
    return networkAt(path) === network;
  } catch (error) {
    if (error instanceof WorldError && process.getuid?.() === 0) return false;
    throw error;
  }
}

/** Null = there is no such process, or it has just ended. */
function networkAt(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EINVAL') return null;
    if (code === 'EACCES' || code === 'EPERM') throw notAllowed(path, error);
    throw error;
  }
}

const notAllowed = (path: string, cause: unknown): WorldError =>
  new WorldError({
    code: 'network-namespace-unreadable',
    message: bi(`the network namespace ${path} may not be read`, `无权读取网络命名空间 ${path}`),
    hint: bi('Run Firedrill as root.', '请以 root 运行 Firedrill。'),
    cause,
  });
