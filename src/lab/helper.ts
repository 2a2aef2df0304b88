import type { Clock } from '../core/clock.js';
import type { NodeSpec } from '../core/drill.js';
import { findNodeProcess } from '../core/node-process.js';
import { bi } from '../core/text.js';
import { readRecord } from './folder.js';
import { requireFree } from './ports.js';
import type { LabRunner } from './runner.js';
import { stopProcess } from './stop.js';

/** A program that the nodes of a lab need beside them: started before them, stopped after them. */
export interface LabHelper {
  /** By which its process is known, without any record. */
  readonly find: (dir: string) => Pick<NodeSpec, 'name' | 'find'>;
  /** Those it listens on, and those that it leaves to the nodes. */
  readonly ports: (nodes: readonly NodeSpec[]) => {
    readonly own: readonly number[];
    readonly nodes: readonly number[];
  };
  /** Harmless when it runs. `nodes` = all of the lab. */
  readonly start: (dir: string, nodes: readonly NodeSpec[], clock: Clock) => Promise<void>;
}

/** Processes with such a program beside them. */
export function runWithHelper(lab: string, runner: LabRunner, helper: LabHelper): LabRunner {
  const runs = (dir: string): boolean => findNodeProcess(helper.find(dir)) !== null;
  // Without a record none of them runs: the idle ones are all.
  const allNodes = async (idle: readonly NodeSpec[], dir: string) => (await readRecord(dir))?.nodes ?? idle;
  return {
    ...runner,
    requireFreePorts: async (idle, dir) => {
      const own = runs(dir) ? [] : helper.ports(await allNodes(idle, dir)).own;
      await requireFree(lab, [...own, ...helper.ports(idle).nodes]);
    },
    startAll: async (idle, place) => {
      await helper.start(place.dir, await allNodes(idle, place.dir), place.clock);
      await runner.startAll(idle, place);
    },
    remains: async (dir) => {
      const { name } = helper.find(dir);
      const left = await runner.remains(dir);
      return runs(dir) ? [...left, bi(`${lab}: ${name} still runs`, `${lab}：${name} 仍在运行`)] : left;
    },
    clear: async (dir, clock) => {
      const nodesRan = await runner.clear(dir, clock);
      const helperRan = runs(dir);
      await stopProcess(helper.find(dir), clock);
      return nodesRan || helperRan;
    },
  };
}
