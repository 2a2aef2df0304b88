/** The network of a lab in containers: of its own, so that addresses are fixed and nobody else is on it. */
import type Docker from 'dockerode';
import { containerEngine, engineRefused, statusOf, wordsOf } from '../core/container-engine.js';
import { WorldError } from '../core/errors.js';
import { bi } from '../core/text.js';
import { labelsOf, ownFilter } from './containers.js';

export async function ownNetworks(dir: string): Promise<readonly Docker.NetworkInspectInfo[]> {
  const engine = await containerEngine();
  try {
    return await engine.listNetworks({ filters: ownFilter(dir) });
  } catch (error) {
    throw engineRefused(bi('the networks of the lab could not be listed', '无法列出练习集群的网络'), error);
  }
}

export async function ensureNetwork(wanted: {
  readonly lab: string;
  readonly dir: string;
  readonly name: string;
  readonly subnet: string;
}): Promise<void> {
  const { lab, dir, name, subnet } = wanted;
  if ((await ownNetworks(dir)).some((network) => network.Name === name)) return;
  const engine = await containerEngine();
  try {
    await engine.createNetwork({
      Name: name,
      CheckDuplicate: true,
      Driver: 'bridge',
      IPAM: { Driver: 'default', Config: [{ Subnet: subnet }] },
      Labels: { ...labelsOf(lab, dir) },
    });
  } catch (error) {
    throw new WorldError({
      code: 'lab-network-refused',
      message: bi(
        `${lab} needs the network ${name} with the addresses ${subnet}: ${wordsOf(error)}`,
        `${lab} 需要地址段为 ${subnet} 的网络 ${name}：${wordsOf(error)}`,
      ),
      hint: bi(
        'Another network has the name or the addresses: `docker network ls` shows it; remove it with `docker network rm`.',
        '另有网络占用了该名称或地址段：用 `docker network ls` 查看，用 `docker network rm` 删除。',
      ),
      cause: error,
    });
  }
}

/** How many there were. */
export async function removeNetworks(dir: string): Promise<number> {
  const engine = await containerEngine();
  const networks = await ownNetworks(dir);
  for (const { Id, Name } of networks) {
    try {
      await engine.getNetwork(Id).remove();
    } catch (error) {
      if (statusOf(error) === 404) continue;
      throw engineRefused(bi(`network ${Name} could not be removed`, `无法删除网络 ${Name}`), error);
    }
  }
  return networks.length;
}
