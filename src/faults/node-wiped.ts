import { isRecord, type UndoData, type World } from '../core/fault.js';
import { type RecordedNode, recordedNodes, unreadable } from './node-record.js';

/** A node whose data was taken away, and where that is kept. */
export interface WipedNode extends RecordedNode {
  readonly aside: string;
}

export function wipedNodes(world: World, data: UndoData): readonly WipedNode[] {
  const { aside } = data;
  if (!isRecord(aside)) throw unreadable('aside');
  return recordedNodes(world, data).map((node) => {
    const path = aside[node.spec.name];
    if (typeof path !== 'string') throw unreadable(`aside of ${node.spec.name}`);
    return { ...node, aside: path };
  });
}
