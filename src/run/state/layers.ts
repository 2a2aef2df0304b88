import type { UndoRecord } from '../../core/fault.js';
import type { UndoEntry } from './undo-lines.js';

/**
 * What a run changes stands in layers: faults act on the canary's entries, and both are in the lab. Each layer is
 * reverted and looked at before the one that it stands on goes, for afterwards there is nothing to look at. What is around
 * the target is compared when all else is undone.
 */
export const LAYERS = ['change', 'canary', 'surroundings', 'lab'] as const;
export type Layer = (typeof LAYERS)[number];

export function layerOf({ undoer }: UndoRecord): Layer {
  if (undoer === 'lab' || undoer === 'canary' || undoer === 'surroundings') return undoer;
  return 'change';
}

/** The records that the present state of the world can be held against: all that are armed, and retired ones where that is fair. */
export function accountable(entries: readonly UndoEntry[]): readonly UndoEntry[] {
  const retired = entries.filter((entry) => entry.retired !== null);
  const deepest = Math.max(0, ...retired.map(({ record }) => LAYERS.indexOf(layerOf(record))));
  return entries.filter((entry) => entry.retired === null || isFair(entry, deepest));
}

function isFair(entry: UndoEntry, deepest: number): boolean {
  const layer = layerOf(entry.record);
  // A lab of this name may be up again by now, but it is not the one that the run took down.
  if (layer === 'lab') return false;
  // The run has compared it. What changed since then is others' doing.
  if (layer === 'surroundings') return false;
  return !isSuperseded(entry) && LAYERS.indexOf(layer) >= deepest;
}

/** A restore took the place of what this changed, and was verified: to put the old state back would be wrong. */
const isSuperseded = ({ record, retired }: UndoEntry): boolean =>
  retired === 'recover-step' && record.nodes.length === 0;
