/** Of what was found, that which is about the registry asked about; the rest is counted, by whose it is. */
import type { ArchiveRecord, LeftOut, RunRecord, TargetReading } from './evidence.js';

type Identity = Pick<TargetReading, 'product' | 'clusterId'>;
/** Whose it is. */
type Stranger = Pick<LeftOut, 'product' | 'clusterId'>;

export interface Sorted<T> {
  readonly counted: readonly T[];
  readonly leftOut: readonly LeftOut[];
}

/** `strangerTo` is null for what is about the target. Without a target everything counts. */
export function sortOut<T>(
  found: readonly T[],
  target: Identity | null,
  strangerTo: (target: Identity, one: T) => Stranger | null,
): Sorted<T> {
  if (target === null) return { counted: found, leftOut: [] };
  const counted: T[] = [];
  const tally = new Map<string, LeftOut>();
  for (const one of found) {
    const stranger = strangerTo(target, one);
    if (stranger === null) counted.push(one);
    else {
      const key = JSON.stringify([stranger.product, stranger.clusterId]);
      tally.set(key, { ...stranger, count: (tally.get(key)?.count ?? 0) + 1 });
    }
  }
  return { counted, leftOut: [...tally.values()] };
}

/** An archive that does not tell its cluster is no proof for a target that has an id. */
export const archiveStranger = (
  target: Identity,
  { product, clusterId }: Pick<ArchiveRecord, 'product' | 'clusterId'>,
): Stranger | null => (product === target.product && clusterId === target.clusterId ? null : { product, clusterId });

/** By product alone: drills are held on practice clusters too. One without a target, as a tabletop, is about people. */
export const runStranger = (target: Identity, { product }: Pick<RunRecord, 'product'>): Stranger | null =>
  product === null || product === target.product ? null : { product, clusterId: null };
