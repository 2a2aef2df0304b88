/** The nodes of a lab as containers on a network of their own. All of it carries the lab's folder as a label. */
import type { Clock } from '../core/clock.js';
import { missingEngine, requireEngine } from '../core/container-engine.js';
import type { NodeSpec } from '../core/drill.js';
import { invariant } from '../core/errors.js';
import { containerState, lastWordsOfContainer, lookAtContainer, startContainer } from '../core/node-container.js';
import { type Bilingual, bi } from '../core/text.js';
import { createContainer, isOurs, nameTaken, ownContainers, removeContainer } from './containers.js';
import { hasImage, imageMissing, pullImage } from './image.js';
import type { ContainerNode, LabContainers } from './kind.js';
import { ensureNetwork, ownNetworks, removeNetworks } from './network.js';
import { requireFree } from './ports.js';
import { type LabRunner, startEach } from './runner.js';

export function runContainers(lab: string, containers: LabContainers): LabRunner {
  const { image } = containers;
  const specOf = (node: NodeSpec, dir: string): ContainerNode => {
    const spec = containers.nodes(dir).find((one) => one.node.name === node.name);
    invariant(spec !== undefined, `lab ${lab} has a node ${node.name}`);
    return spec;
  };
  return {
    driver: 'docker',
    missing: async () => {
      const engine = await missingEngine();
      if (engine !== null) return engine.text;
      return (await hasImage(image)) ? null : imageMissing(containers);
    },
    reachable: async () => (await missingEngine()) === null,
    prepare: async (dir) => {
      await requireEngine();
      for (const { node } of containers.nodes(dir)) {
        const seen = await lookAtContainer(node);
        if (seen !== null && !isOurs(seen, dir)) throw nameTaken(lab, seen);
      }
      if (!(await hasImage(image))) await pullImage(containers);
    },
    nodes: async (dir) => containers.nodes(dir).map(({ node }) => node),
    requireFreePorts: (idle, dir) =>
      requireFree(
        lab,
        idle.flatMap((node) => Object.values(specOf(node, dir).ports)),
      ),
    pidOf: async (node) => {
      const state = containerState(await lookAtContainer(node));
      return state.state === 'gone' ? null : state.pid;
    },
    startAll: (idle, { dir, clock }) =>
      startAll(
        { lab, containers, dir, clock },
        idle.map((node) => specOf(node, dir)),
      ),
    lastWords: lastWordsOfContainer,
    remains: (dir) => remains(lab, dir),
    clear: async (dir) => {
      const left = await ownContainers(dir);
      // One after the other: the engine frees the published ports and the addresses of each before the next.
      for (const { Id } of left) await removeContainer(Id);
      return (await removeNetworks(dir)) > 0 || left.length > 0;
    },
  };
}

interface Place {
  readonly lab: string;
  readonly containers: LabContainers;
  readonly dir: string;
  readonly clock: Clock;
}

async function startAll({ lab, containers, dir, clock }: Place, specs: readonly ContainerNode[]): Promise<void> {
  await ensureNetwork({ lab, dir, name: containers.network, subnet: containers.subnet });
  await containers.configure?.(dir);
  const { image, network } = containers;
  await startEach(
    specs.map(({ node }) => node),
    async (node) => {
      const spec = specs.find((one) => one.node.name === node.name);
      invariant(spec !== undefined, `node ${node.name} is one of those to start`);
      if ((await lookAtContainer(node)) === null) await createContainer({ lab, dir, image, network, spec });
      await startContainer(node, clock);
    },
  );
}

async function remains(lab: string, dir: string): Promise<readonly Bilingual[]> {
  const containers = await ownContainers(dir);
  const networks = await ownNetworks(dir);
  return [
    ...containers.map(({ Names, State }) => {
      const name = (Names[0] ?? '').replace(/^\//, '');
      return bi(`${lab}: container ${name} is still there (${State})`, `${lab}：容器 ${name} 仍在（${State}）`);
    }),
    ...networks.map(({ Name }) => bi(`${lab}: network ${Name} is still there`, `${lab}：网络 ${Name} 仍在`)),
  ];
}
