/** What can be done in the network of a process: only by root, and only where that network is the node's own. */
import type { AbilityName, Attachment, NamespaceAbility, NodeAbilities } from '../../core/abilities.js';
import type { NodeSpec } from '../../core/drill.js';
import { WorldError } from '../../core/errors.js';
import { findProgram } from '../../core/find-program.js';
import { type Bilingual, bi } from '../../core/text.js';
import { networkOf, ownNetwork, pathOfNetwork } from './namespace.js';
import { runInNetworkOf } from './run.js';

const PROGRAMS = ['nsenter', 'unshare', 'ip', 'iptables-save', 'iptables-restore'] as const;
const IN_NETWORK: readonly AbilityName[] = ['runInNetworkOf', 'connectionsFrom', 'namespace', 'endHelpers'];

export const namespace: NamespaceAbility = {
  of: async (node) => networkOf(node),
  exists: async (network) => pathOfNetwork(network) !== null,
  addresses: async (node) => {
    const argv = ['ip', '-json', '-4', 'address', 'show', 'scope', 'global'];
    const { exitCode, stdout, stderr } = await runInNetworkOf(node, { image: '', argv });
    if (exitCode !== 0) throw unreadable(node, stderr);
    return addressesIn(stdout);
  },
};

/** All that are there count as one network: which of them the others use, the peer URL tells. */
function addressesIn(json: string): readonly Attachment[] {
  const links: readonly IpLink[] = JSON.parse(json);
  return links.flatMap(({ ifname = '', addr_info = [] }) =>
    addr_info.flatMap(({ local }) =>
      local === undefined
        ? []
        : [{ network: ifname, networkId: 'ipv4', address: local, fixedAddress: local, aliases: [] }],
    ),
  );
}

interface IpLink {
  readonly ifname?: string;
  readonly addr_info?: readonly { readonly local?: string }[];
}

/** Null = it can be done on this node. */
export const lacksNetwork: NonNullable<NodeAbilities['lacks']> = async (node, ability) => {
  if (!IN_NETWORK.includes(ability)) return null;
  if (process.getuid?.() !== 0) {
    return bi('only root can work in the network of a process', '只有 root 才能在进程的网络中操作');
  }
  const network = networkOf(node);
  if (network === null) return bi('it has no process', '它没有进程');
  if (network === ownNetwork()) return SHARED;
  const found = await Promise.all(PROGRAMS.map((program) => findProgram(program, process.env)));
  const missing = PROGRAMS.filter((_, index) => found[index] === null);
  if (missing.length === 0) return null;
  const names = missing.join(', ');
  return bi(
    `${names} is not on the PATH (Debian: apt-get install util-linux iproute2 iptables)`,
    `PATH 中没有 ${names}（Debian：apt-get install util-linux iproute2 iptables）`,
  );
};

const SHARED: Bilingual = bi(
  'it shares the network of this machine, which would be cut off with it',
  '它与本机共用网络，切断它会连同本机一起切断',
);

const unreadable = ({ name }: NodeSpec, said: string): WorldError =>
  new WorldError({
    code: 'addresses-unreadable',
    message: bi(
      `the addresses of ${name} could not be read: ${said.trim()}`,
      `无法读取 ${name} 的地址：${said.trim()}`,
    ),
  });
