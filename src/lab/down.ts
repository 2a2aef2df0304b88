import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { Clock } from '../core/clock.js';
import type { NodeSpec } from '../core/drill.js';
import { findNodeProcess } from '../core/node-process.js';
import { labDir, readRecord, removeEmpty } from './folder.js';
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

/** A start that was killed may leave a child that has yet to become the node: it has no arguments of its own so far. */
const FORK_TO_EXEC_MS = 200;

async function wasCutShort(dir: string): Promise<boolean> {
  try {
    return (await readRecord(dir))?.seeded === false;
  } catch {
    // A damaged record is no reason to leave the lab up; it may well be the trace of a start that was cut short.
    return true;
  }
}

/** Stops the processes, removes the files and empty parents; false = there was nothing. */
export async function tearDown(kind: LabKind, stateRoot: string, clock: Clock): Promise<boolean> {
  if (await wasCutShort(labDir(stateRoot, kind.name))) await clock.sleep(FORK_TO_EXEC_MS);
  const remains = remainsOf(kind, stateRoot);
  // One after the other: a member of etcd that ends tries to hand its leadership on, and waits in vain if all end at once.
  for (const node of remains.nodes) await stopProcess(node, clock);
  if (remains.dir !== null) {
    await rm(remains.dir, { recursive: true, force: true });
    await removeEmpty(stateRoot);
  }
  return remains.dir !== null || remains.nodes.length > 0;
}
