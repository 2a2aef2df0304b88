import { type ArchiveLabel, labelName } from '../../core/archive-label.js';
import type { Store, Unfinished } from '../../core/store.js';
import { contentOf, isOurs } from './content.js';
import { type Judged, judge, keptByTime, type RetentionRules } from './retention.js';

/** A put to which nothing was added for so long is not going on any more; were it, it would begin anew. */
const UNFINISHED_MS = 24 * 3_600_000;

export interface Pruning {
  /** Newest first. */
  readonly judged: readonly Judged[];
  /** Labels past their time whose archive is gone: a killed prune took it. */
  readonly orphans: readonly ArchiveLabel[];
  /** What interrupted puts of ours left long ago. */
  readonly unfinished: readonly Unfinished[];
  /** Looks like ours and has no sound label: not touched. */
  readonly unlabelled: readonly string[];
  /** Somebody else's: not touched. */
  readonly others: readonly string[];
}

/** Changes nothing. */
export async function planPrune(store: Store, rules: RetentionRules, signal?: AbortSignal): Promise<Pruning> {
  const { archives, orphans, unusable, others } = await contentOf(store, signal);
  const left = await store.unfinished(signal);
  return {
    judged: judge(archives, rules),
    orphans: orphans.filter((label) => keptByTime(label, rules) === null),
    unfinished: left.filter(
      ({ file, changedUtc }) => isOurs(file) && rules.nowMs - Date.parse(changedUtc) > UNFINISHED_MS,
    ),
    unlabelled: unusable.map(({ file }) => file),
    others,
  };
}

/**
 * Increments go before what they stand on, so that whatever is left at any moment can be restored; each archive before
 * its label, so that a prune that is killed in between is finished by the next one.
 */
export async function executePrune(store: Store, pruning: Pruning, signal?: AbortSignal): Promise<void> {
  for (const { label, kept } of pruning.judged) {
    signal?.throwIfAborted();
    if (kept !== null) continue;
    await store.remove(label.file, signal);
    await store.remove(labelName(label.file), signal);
  }
  for (const label of pruning.orphans) await store.remove(labelName(label.file), signal);
  for (const left of pruning.unfinished) await store.abandon(left, signal);
}
