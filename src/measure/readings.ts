import type { EventOf } from '../core/journal.js';
import type { EventIndex } from './event-index.js';

/** What one node held when it was read last, whole. */
export interface NodeReading {
  readonly node: string;
  readonly readable: boolean;
  /** When the node was asked; null in old journals. */
  readonly startedMs: number | null;
  /** When its answer was written down. */
  readonly atMs: number | null;
  /** Null value = something under the entry's name that no canary wrote. */
  readonly holds: ReadonlyMap<string, number | null>;
  readonly evidence: readonly number[];
}

/** A reading of which a part is missing counts as not readable: half a list would look like loss. */
export function nodeReadings(index: EventIndex): readonly NodeReading[] {
  const byNode = new Map<string, EventOf<'ledger.read'>[]>();
  for (const read of index.of('ledger.read')) {
    const parts = read.part <= 1 ? [] : (byNode.get(read.node) ?? []);
    parts.push(read);
    byNode.set(read.node, parts);
  }
  return [...byNode].map(([node, parts]) => {
    const complete = parts.length === parts[0]?.parts && parts.every((part) => part.readable);
    const holds = new Map<string, number | null>();
    if (complete) for (const part of parts) for (const [entry, version] of part.entries) holds.set(entry, version);
    const [startedMs, atMs] = [parts[0]?.readStartedMs ?? null, parts[0]?.ms ?? null];
    return { node, readable: complete, startedMs, atMs, holds, evidence: parts.map((part) => part.seq) };
  });
}
