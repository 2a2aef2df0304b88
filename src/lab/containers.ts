/** The containers of a lab: made, found by their label, removed with all that hangs on them. */
import { mkdir } from 'node:fs/promises';
import { userInfo } from 'node:os';
import type Docker from 'dockerode';
import { containerEngine, engineRefused, statusOf } from '../core/container-engine.js';
import { WorldError } from '../core/errors.js';
import { containerNameOf } from '../core/node-container.js';
import { bi } from '../core/text.js';
import type { ContainerNode } from './kind.js';

/** On containers and networks of a lab: its folder in the state folder. */
const DIR_LABEL = 'firedrill.dir';
export const labelsOf = (lab: string, dir: string): Readonly<Record<string, string>> => ({
  'firedrill.lab': lab,
  [DIR_LABEL]: dir,
});
export const ownFilter = (dir: string): string => JSON.stringify({ label: [`${DIR_LABEL}=${dir}`] });

export const isOurs = (seen: Docker.ContainerInspectInfo, dir: string): boolean =>
  seen.Config.Labels[DIR_LABEL] === dir;

export async function ownContainers(dir: string): Promise<readonly Docker.ContainerInfo[]> {
  const engine = await containerEngine();
  try {
    return await engine.listContainers({ all: true, filters: ownFilter(dir) });
  } catch (error) {
    throw engineRefused(bi('the containers of the lab could not be listed', '无法列出练习集群的容器'), error);
  }
}

export async function createContainer(job: {
  readonly lab: string;
  readonly dir: string;
  readonly image: string;
  readonly network: string;
  readonly spec: ContainerNode;
}): Promise<void> {
  const { lab, dir, image, network, spec } = job;
  const name = containerNameOf(spec.node);
  for (const folder of Object.keys(spec.mounts)) await mkdir(folder, { recursive: true, mode: 0o700 });
  const ports = Object.entries(spec.ports).map(([inside, outside]) => [`${inside}/tcp`, outside] as const);
  // What the node writes belongs to us: we have to clear it in a restore and to remove it with the lab.
  const { uid, gid } = userInfo();
  const engine = await containerEngine();
  try {
    await engine.createContainer({
      name,
      Image: image,
      Entrypoint: [...spec.argv],
      Cmd: [],
      Env: Object.entries(spec.env).map(([key, value]) => `${key}=${value}`),
      User: `${uid}:${gid}`,
      Labels: { ...labelsOf(lab, dir), 'firedrill.node': spec.node.name },
      ExposedPorts: Object.fromEntries(ports.map(([inside]) => [inside, {}])),
      HostConfig: {
        Binds: Object.entries(spec.mounts).map(([host, inside]) => `${host}:${inside}`),
        PortBindings: Object.fromEntries(
          ports.map(([inside, outside]) => [inside, [{ HostIp: '127.0.0.1', HostPort: String(outside) }]]),
        ),
        NetworkMode: network,
        // As most people run theirs: a crash is repaired by the engine, a `docker kill` is not.
        RestartPolicy: { Name: 'on-failure' },
      },
      NetworkingConfig: {
        EndpointsConfig: { [network]: { IPAMConfig: { IPv4Address: spec.address }, Aliases: [spec.node.name] } },
      },
    });
  } catch (error) {
    throw engineRefused(bi(`container ${name} could not be created`, `无法创建容器 ${name}`), error);
  }
}

/** With its anonymous volumes; one that is gone, or going, is fine. */
export async function removeContainer(id: string): Promise<void> {
  const engine = await containerEngine();
  try {
    await engine.getContainer(id).remove({ force: true, v: true });
  } catch (error) {
    if (statusOf(error) === 404) return;
    throw engineRefused(bi(`container ${id} could not be removed`, `无法删除容器 ${id}`), error);
  }
}

/** A container of somebody else has the name that the lab needs. */
export function nameTaken(lab: string, seen: Docker.ContainerInspectInfo): WorldError {
  const name = seen.Name.replace(/^\//, '');
  const labels = seen.Config.Labels;
  const project = labels['com.docker.compose.project'];
  const folder = labels[DIR_LABEL];
  const owner =
    folder !== undefined
      ? bi(`the lab of another state folder (${folder})`, `另一状态目录的练习集群（${folder}）`)
      : project !== undefined
        ? bi(`the compose project ${project}`, `compose 项目 ${project}`)
        : bi(`something else (image ${seen.Config.Image})`, `其他程序（镜像 ${seen.Config.Image}）`);
  return new WorldError({
    code: 'container-name-taken',
    message: bi(
      `${lab} needs the container name ${name}, which belongs to ${owner.en}`,
      `${lab} 需要容器名 ${name}，但它属于${owner.zh}`,
    ),
    hint: bi(
      `Take that one down where it belongs, or rename it: \`docker rename ${name} NEW\`.`,
      `请在其所属处停止它，或改名：\`docker rename ${name} 新名称\`。`,
    ),
  });
}
