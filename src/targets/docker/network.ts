import type { Attachment, NetworkAbility } from '../../core/abilities.js';
import { containerEngine, engineRefused } from '../../core/container-engine.js';
import { containerNameOf } from '../../core/node-container.js';
import { bi } from '../../core/text.js';
import { requireContainer } from './stop.js';

export const containerNetwork: NetworkAbility = {
  attached: async (node) => {
    const { NetworkSettings } = await requireContainer(node);
    return Object.entries(NetworkSettings.Networks).map(([network, on]): Attachment => {
      const ipam: { readonly IPv4Address?: string } = on.IPAMConfig ?? {};
      const aliases: readonly string[] = on.Aliases ?? [];
      return {
        network,
        networkId: on.NetworkID,
        address: on.IPAddress === '' ? null : on.IPAddress,
        fixedAddress: ipam.IPv4Address ?? null,
        aliases,
      };
    });
  },
  disconnect: async (node, attachment) => {
    if (!(await isOn(node, attachment))) return false;
    const name = containerNameOf(node);
    try {
      await (await containerEngine()).getNetwork(attachment.networkId).disconnect({ Container: name, Force: true });
      return true;
    } catch (error) {
      throw refused('disconnect', name, { attachment, error });
    }
  },
  connect: async (node, attachment) => {
    if (await isOn(node, attachment)) return false;
    const name = containerNameOf(node);
    const { fixedAddress, aliases } = attachment;
    try {
      await (await containerEngine()).getNetwork(attachment.networkId).connect({
        Container: name,
        EndpointConfig: {
          ...(fixedAddress === null ? {} : { IPAMConfig: { IPv4Address: fixedAddress } }),
          Aliases: [...aliases],
        },
      });
      return true;
    } catch (error) {
      throw refused('connect', name, { attachment, error });
    }
  },
};

const isOn: NetworkAbility['connect'] = async (node, { networkId }) =>
  (await containerNetwork.attached(node)).some((on) => on.networkId === networkId);

const refused = (
  what: 'connect' | 'disconnect',
  container: string,
  { attachment, error }: { readonly attachment: Attachment; readonly error: unknown },
): Error =>
  engineRefused(
    bi(
      `${what} of container ${container} and network ${attachment.network}`,
      `容器 ${container} 与网络 ${attachment.network} 的 ${what}`,
    ),
    error,
  );
