import { type ArchiveLabel, plainName } from '../../core/archive-label.js';

/** Finds what an archive stands on, by name and by what is in it; null = it is not among these. */
export type ParentOf = (label: ArchiveLabel) => ArchiveLabel | null;

export function parentsAmong(archives: readonly ArchiveLabel[]): ParentOf {
  const byName = new Map<string, ArchiveLabel[]>();
  for (const archive of archives) {
    const name = plainName(archive.file);
    byName.set(name, [...(byName.get(name) ?? []), archive]);
  }
  return ({ parent }) => {
    if (parent === null) return null;
    const named = byName.get(plainName(parent.file)) ?? [];
    return named.find((archive) => archive.snapshot_sha256 === parent.snapshot_sha256) ?? null;
  };
}

export interface LabelChain {
  /** Oldest first; the last is the archive itself. */
  readonly archives: readonly ArchiveLabel[];
  /** The file without which nothing of it can be restored; null = the chain begins with a full one. */
  readonly missing: string | null;
}

export function chainOf(archive: ArchiveLabel, parentOf: ParentOf): LabelChain {
  const archives = [archive];
  const seen = new Set([archive]);
  for (let at = archive; at.parent !== null; ) {
    const above = parentOf(at);
    if (above === null || seen.has(above)) return { archives, missing: at.parent.file };
    archives.unshift(above);
    seen.add(above);
    at = above;
  }
  return { archives, missing: null };
}
