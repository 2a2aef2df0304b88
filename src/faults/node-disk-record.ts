import { isRecord, type UndoData, type World } from '../core/fault.js';
import { type RecordedNode, recordedNodes, unreadable } from './node-record.js';

/** A node whose disk is filled by the file at `ballast`. */
export interface FilledNode extends RecordedNode {
  readonly ballast: string;
  readonly sizeBytes: number;
}

export function filledNodes(world: World, data: UndoData): readonly FilledNode[] {
  const { disks } = data;
  if (!isRecord(disks)) throw unreadable('disks');
  return recordedNodes(world, data).map((node) => {
    const disk = disks[node.spec.name];
    if (!isRecord(disk)) throw unreadable(`disk of ${node.spec.name}`);
    const { ballast, sizeBytes } = disk;
    if (typeof ballast !== 'string' || typeof sizeBytes !== 'number') throw unreadable('ballast, sizeBytes');
    return { ...node, ballast, sizeBytes };
  });
}
