import type { NodeSpec } from '../core/drill.js';
import { WorldError } from '../core/errors.js';
import { findNodeProcess, lastWords, startNodeProcess } from '../core/node-process.js';
import { bi } from '../core/text.js';
import { type LabKind, NODE_NAMES } from './kind.js';
import { requireFree } from './ports.js';
import { type LabRunner, startEach } from './runner.js';
import { stopProcess } from './stop.js';

/** The nodes of a lab as processes: each is known by its data folder, which is among its arguments. */
export function runProcesses(kind: LabKind): LabRunner {
  const { name } = kind;
  const running = (dir: string): readonly Pick<NodeSpec, 'name' | 'find'>[] =>
    (kind.nodeNames ?? NODE_NAMES)
      .map((node) => {
        const find = { by: 'argument', text: kind.dataPath(dir, node) } as const;
        return { name: node, find };
      })
      .filter((node) => findNodeProcess(node) !== null);
  return {
    driver: 'process',
    missing: kind.missing,
    reachable: async () => true,
    prepare: async () => {
      const why = await kind.missing();
      if (why !== null) throw new WorldError({ code: 'lab-missing', message: why });
    },
    nodes: kind.nodes,
    requireFreePorts: (idle) => {
      const urls = idle
        .flatMap(({ url, peerUrl, adminUrl }) => [url, peerUrl, adminUrl])
        .filter((url) => url !== undefined);
      return requireFree(
        name,
        urls.map((url) => Number(new URL(url).port)),
      );
    },
    pidOf: async (node) => findNodeProcess(node)?.pid ?? null,
    startAll: async (idle, { dir, clock }) => {
      await kind.configure?.(dir);
      await startEach(idle, (node) => startNodeProcess(node, clock));
    },
    lastWords: async (node) => lastWords(node),
    remains: async (dir) =>
      running(dir).map((node) => bi(`${name}: node ${node.name} still runs`, `${name}：节点 ${node.name} 仍在运行`)),
    clear: async (dir, clock) => {
      const nodes = running(dir);
      // One after the other: a member of etcd that ends tries to hand its leadership on, and waits in vain if all end at once.
      for (const node of nodes) await stopProcess(node, clock);
      return nodes.length > 0;
    },
  };
}
