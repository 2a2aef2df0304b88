import type { NodeAbilities } from '../../core/abilities.js';
import { systemClock } from '../../core/clock.js';
import { engineRefused, statusOf } from '../../core/container-engine.js';
import type { NodeSpec } from '../../core/drill.js';
import { WorldError } from '../../core/errors.js';
import {
  containerNameOf,
  containerOf,
  containerState,
  lookAtContainer,
  startContainer,
} from '../../core/node-container.js';
import { bi } from '../../core/text.js';

export const stopContainer: NonNullable<NodeAbilities['stop']> = async (node, graceMs) => {
  if (containerState(await lookAtContainer(node)).state === 'gone') return false;
  try {
    await (await containerOf(node)).stop({ t: secondsOf(graceMs) });
    return true;
  } catch (error) {
    const status = statusOf(error);
    // 304 and 404: it ended of its own before.
    if (status === 304 || status === 404) return false;
    throw engineRefused(bi(`stop of container ${containerNameOf(node)}`, `停止容器 ${containerNameOf(node)}`), error);
  }
};

export const restartContainer: NonNullable<NodeAbilities['restart']> = async (node, graceMs) => {
  const name = containerNameOf(node);
  try {
    await (await containerOf(node)).restart({ t: secondsOf(graceMs) });
  } catch (error) {
    throw engineRefused(bi(`restart of container ${name}`, `重启容器 ${name}`), error);
  }
  return startContainer(node, systemClock);
};

const secondsOf = (ms: number): number => Math.ceil(ms / 1_000);

export const restartPolicyOf: NonNullable<NodeAbilities['restartPolicy']> = async (node) => {
  const seen = await requireContainer(node);
  const name = seen.HostConfig.RestartPolicy?.Name || 'no';
  return { name, bringsBack: name !== 'no' };
};

export async function requireContainer(
  node: NodeSpec,
): Promise<NonNullable<Awaited<ReturnType<typeof lookAtContainer>>>> {
  const seen = await lookAtContainer(node);
  if (seen !== null) return seen;
  const name = containerNameOf(node);
  throw new WorldError({
    code: 'container-missing',
    message: bi(`${node.name}: there is no container ${name}`, `${node.name}：没有容器 ${name}`),
    hint: bi('`docker ps -a` shows which there are.', '`docker ps -a` 可列出现有容器。'),
  });
}
