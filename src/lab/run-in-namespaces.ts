import { bi } from '../core/text.js';
import { makeNamespaces, type NetworkPlan, namespacesLeft, removeNamespaces } from './namespaces.js';
import type { LabRunner } from './runner.js';

/** Processes, each in a network namespace of its own; the namespaces come before them and go after them. */
export const runInNamespaces = (lab: string, runner: LabRunner, network: NetworkPlan): LabRunner => ({
  ...runner,
  // Their ports are their own; the addresses are looked at when the network is made.
  requireFreePorts: async () => {},
  startAll: async (idle, place) => {
    await makeNamespaces(lab, place.dir, network);
    await runner.startAll(idle, place);
  },
  remains: async (dir) => [
    ...(await runner.remains(dir)),
    ...namespacesLeft(dir).map((name) =>
      bi(`${lab}: ${name} (network namespace or link) is still there`, `${lab}：${name}（网络命名空间或链路）仍在`),
    ),
  ],
  clear: async (dir, clock) => {
    const ran = await runner.clear(dir, clock);
    return (await removeNamespaces(dir)) > 0 || ran;
  },
});
