import type { AbilityName, NodeAbilities } from '../../core/abilities.js';
import { containerEngine, engineRefused } from '../../core/container-engine.js';
import { bi } from '../../core/text.js';
import { lacksKillInPlace } from './kill-in-place.js';

const BY_HELPER: readonly AbilityName[] = ['runInNetworkOf', 'connectionsFrom'];

/** What the driver has in general, and this engine or this node has not. */
export const lacksContainer: NonNullable<NodeAbilities['lacks']> = async (node, ability) => {
  if (ability === 'killInPlace') return lacksKillInPlace(node);
  return BY_HELPER.includes(ability) && (await isPodman()) ? NO_INPUT : null;
};

/** Seen with Podman 4.3: the request itself arrives on the standard input of the program that is attached to. */
const NO_INPUT = bi(
  'the engine is Podman, whose Docker API does not hand a helper container its input unspoiled; with Docker it can be done, and stop, kill and freeze work on both',
  '引擎为 Podman，其 Docker API 无法将输入原样交给辅助容器；使用 Docker 则可以，停止、杀死与冻结在两者上均可用',
);

async function isPodman(): Promise<boolean> {
  const engine = await containerEngine();
  try {
    const { Components = [] } = await engine.version();
    return Components.some(({ Name }) => Name === 'Podman Engine');
  } catch (error) {
    throw engineRefused(bi('the engine could not be asked what it is', '无法查询引擎的类型'), error);
  }
}
