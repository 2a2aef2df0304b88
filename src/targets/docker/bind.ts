/** From a container as a person names it to the one container of that name. */
import type Docker from 'dockerode';
import { nearestName } from '../../core/catalog.js';
import { engineRefused, requireEngine } from '../../core/container-engine.js';
import type { NodeSpec } from '../../core/drill.js';
import { invariant, WorldError } from '../../core/errors.js';
import { type Bilingual, bi } from '../../core/text.js';

const PROJECT = 'com.docker.compose.project';
const SERVICE = 'com.docker.compose.service';

/** One listing for all of them: a target of many nodes is bound as fast as one of three. */
export async function bindContainers(nodes: readonly NodeSpec[]): Promise<readonly NodeSpec[]> {
  const all = await allContainers(await requireEngine());
  const bound = nodes.map((node) => ({ ...node, find: { by: 'container', container: nameFor(node, all) } as const }));
  for (const [index, { name, find }] of bound.entries()) {
    const other = bound.slice(0, index).find((earlier) => earlier.find.container === find.container);
    if (other !== undefined) throw sameContainer([other.name, name], find.container);
  }
  return bound;
}

async function allContainers(engine: Docker): Promise<readonly Docker.ContainerInfo[]> {
  try {
    return await engine.listContainers({ all: true });
  } catch (error) {
    throw engineRefused(bi('the containers could not be listed', '无法列出容器'), error);
  }
}

function nameFor(node: NodeSpec, all: readonly Docker.ContainerInfo[]): string {
  const { find } = node;
  invariant(
    find.by !== 'argument' && find.by !== 'pid-file' && find.by !== 'command',
    `${node.name} is not found by a container`,
  );
  switch (find.by) {
    case 'container': {
      const found = all.find(({ Id, Names }) => Id === find.container || Names.includes(`/${find.container}`));
      if (found === undefined) throw noContainer(node, find.container, all);
      return nameOf(found);
    }
    case 'container-label': {
      const what = bi(`label ${find.label}`, `标签 ${find.label}`);
      return onlyOne(node, { what, found: all.filter(({ Labels }) => hasLabel(Labels, find.label)) }, null);
    }
    case 'compose': {
      const what = bi(
        `compose service ${find.project}/${find.service}`,
        `compose 服务 ${find.project}/${find.service}`,
      );
      const service = all.filter(({ Labels }) => Labels[SERVICE] === find.service);
      const found = service.filter(({ Labels }) => Labels[PROJECT] === find.project);
      return onlyOne(node, { what, found }, elsewhere(service));
    }
  }
}

const nameOf = ({ Id, Names }: Docker.ContainerInfo): string => Names[0]?.replace(/^\//, '') ?? Id;

function hasLabel(labels: Readonly<Record<string, string>>, wanted: string): boolean {
  const [key = '', ...value] = wanted.split('=');
  return value.length === 0 ? key in labels : labels[key] === value.join('=');
}

function onlyOne(
  node: NodeSpec,
  { what, found }: { readonly what: Bilingual; readonly found: readonly Docker.ContainerInfo[] },
  hint: Bilingual | null,
): string {
  const [only] = found;
  if (only !== undefined && found.length === 1) return nameOf(only);
  const names = found.map(nameOf).join(', ');
  throw new WorldError({
    code: only === undefined ? 'container-missing' : 'container-ambiguous',
    message:
      only === undefined
        ? bi(`${node.name}: no container has ${what.en}.`, `${node.name}：没有容器带有${what.zh}。`)
        : bi(
            `${node.name}: ${found.length} containers have ${what.en}: ${names}.`,
            `${node.name}：有 ${found.length} 个容器带有${what.zh}：${names}。`,
          ),
    hint:
      only === undefined
        ? (hint ?? LIST)
        : bi('Name the container itself: `container: NAME`.', '请直接写容器名：`container: 名称`。'),
  });
}

const LIST = bi('`docker ps -a` shows which there are.', '`docker ps -a` 可列出现有容器。');

/** The same service in another project: likely a typo, or the wrong directory. */
function elsewhere(service: readonly Docker.ContainerInfo[]): Bilingual | null {
  if (service.length === 0) return null;
  const seen = service.map((one) => `${one.Labels[PROJECT]} (${nameOf(one)})`).join(', ');
  return bi(`Another project has that service: ${seen}.`, `其他项目中有该服务：${seen}。`);
}

function noContainer(node: NodeSpec, wanted: string, all: readonly Docker.ContainerInfo[]): WorldError {
  // Compose puts its project before, and a number after, the name in its file.
  const compose = all.filter(({ Labels }) => Labels[SERVICE] === wanted);
  const near = nearestName(wanted, all.map(nameOf));
  return new WorldError({
    code: 'container-missing',
    message: bi(`${node.name}: there is no container ${wanted}.`, `${node.name}：没有容器 ${wanted}。`),
    hint:
      compose.length > 0
        ? bi(
            `It is a compose service: write ${compose.map((one) => `\`compose: ${one.Labels[PROJECT]}/${wanted}\``).join(' or ')}.`,
            `它是 compose 服务：请写 ${compose.map((one) => `\`compose: ${one.Labels[PROJECT]}/${wanted}\``).join(' 或 ')}。`,
          )
        : near === null
          ? LIST
          : bi(`Did you mean “${near}”?`, `是否想写“${near}”？`),
  });
}

const sameContainer = (nodes: readonly string[], container: string): WorldError =>
  new WorldError({
    code: 'container-twice',
    message: bi(
      `${nodes.join(' and ')} are the same container: ${container}.`,
      `${nodes.join(' 与 ')} 是同一个容器：${container}。`,
    ),
  });
