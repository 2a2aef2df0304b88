/** Chains out of single archives: a full one and what was added to it. */
import type { ArchiveRecord, TierReading } from './evidence.js';

export interface Chain {
  readonly base: string;
  /** Oldest first. */
  readonly archives: readonly ArchiveRecord[];
  readonly newestMs: number;
}

/** Every chain of which a tier that could be read holds something; newest first. */
export function chainsOf(tiers: readonly TierReading[]): readonly Chain[] {
  const byBase = new Map<string, Map<string, ArchiveRecord>>();
  for (const archive of tiers.flatMap(({ archives }) => (archives.read ? archives.value : []))) {
    const chain = byBase.get(archive.base) ?? new Map<string, ArchiveRecord>();
    chain.set(archive.file, chain.get(archive.file) ?? archive);
    byBase.set(archive.base, chain);
  }
  return [...byBase.entries()]
    .map(([base, files]) => {
      const archives = [...files.values()].sort((a, b) => a.takenMs - b.takenMs);
      return { base, archives, newestMs: Math.max(...archives.map(({ takenMs }) => takenMs)) };
    })
    .sort((a, b) => b.newestMs - a.newestMs);
}
