import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { Clock } from '../core/clock.js';
import type { NodeSpec } from '../core/drill.js';
import { findNodeProcess } from '../core/node-process.js';
import { labDir, removeEmpty } from './folder.js';
import { type LabKind, NODE_NAMES } from './kind.js';
import { stopProcess } from './stop.js';

type Findable = Pick<NodeSpec, 'name' | 'find'>;

/** What is left of the lab, told by looking, without its record: that may be damaged or gone. */
export interface LabRemains {
  readonly dir: string | null;
  readonly nodes: readonly Findable[];
}

export function remainsOf(kind: Pick<LabKind, 'name' | 'dataPath'>, stateRoot: string): LabRemains {
  const dir = labDir(stateRoot, kind.name);
  const nodes = NODE_NAMES.map(
    (name): Findable => ({
      name,
      find: { by: 'argument', text: kind.dataPath(dir, name) },
    }),
  );
  return { dir: existsSync(dir) ? dir : null, nodes: nodes.filter((node) => findNodeProcess(node) !== null) };
}

/** Stops the processes, removes the files and empty parents; false = there was nothing. */
export async function tearDown(kind: LabKind, stateRoot: string, clock: Clock): Promise<boolean> {
  const remains = remainsOf(kind, stateRoot);
  // One after the other: a member of etcd that ends tries to hand its leadership on, and waits in vain if all end at once.
  for (const node of remains.nodes) await stopProcess(node, clock);
  if (remains.dir !== null) {
    await rm(remains.dir, { recursive: true, force: true });
    await removeEmpty(stateRoot);
  }
  return remains.dir !== null || remains.nodes.length > 0;
}
