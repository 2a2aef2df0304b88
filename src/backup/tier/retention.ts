/**
 * Which archives of a tier may go (plan-data, "Backup"): those whose type's AND tier's time have passed, and which nothing
 * that is kept needs. The newest one stays in any case: when backups have stopped, time alone must not take the last.
 */
import type { ArchiveLabel } from '../../core/archive-label.js';
import { type BackupCalendar, type BackupSlot, plannedBackups } from '../../core/backup-calendar.js';
import { chainOf, parentsAmong } from './chain.js';

export interface RetentionRules {
  /** The tier's; null = for ever. */
  readonly tierKeepMs: number | null;
  readonly calendar: BackupCalendar;
  /** Epoch. */
  readonly nowMs: number;
}

export type Kept =
  | { readonly why: 'tier-for-ever' }
  /** The calendar has no slot of its type: nothing says how long it is kept. */
  | { readonly why: 'type-not-planned' }
  | { readonly why: 'tier-time' | 'type-time'; readonly untilMs: number }
  | { readonly why: 'newest' }
  | { readonly why: 'needed'; readonly by: string };

export interface Judged {
  readonly label: ArchiveLabel;
  /** Null = it goes. */
  readonly kept: Kept | null;
}

/** Newest first in, newest first out. */
export function judge(archives: readonly ArchiveLabel[], rules: RetentionRules): readonly Judged[] {
  const ownReason = archives.map((label, index) => keptByTime(label, rules) ?? (index === 0 ? NEWEST : null));
  const neededBy = new Map<ArchiveLabel, string>();
  const parentOf = parentsAmong(archives);
  for (const [index, label] of archives.entries()) {
    if (ownReason[index] === null) continue;
    for (const one of chainOf(label, parentOf).archives.slice(0, -1)) {
      if (!neededBy.has(one)) neededBy.set(one, label.file);
    }
  }
  return archives.map((label, index) => {
    const by = neededBy.get(label);
    return { label, kept: ownReason[index] ?? (by === undefined ? null : { why: 'needed', by }) };
  });
}

const NEWEST: Kept = { why: 'newest' };

/** The rule that keeps it longest; null = its time has passed. */
export function keptByTime(label: ArchiveLabel, { tierKeepMs, calendar, nowMs }: RetentionRules): Kept | null {
  if (tierKeepMs === null) return { why: 'tier-for-ever' };
  const typeKeepMs = keepMsOf(label, calendar);
  if (typeKeepMs === null) return { why: 'type-not-planned' };
  const takenMs = Date.parse(label.backup_time_utc);
  const why = tierKeepMs >= typeKeepMs ? 'tier-time' : 'type-time';
  const untilMs = takenMs + Math.max(tierKeepMs, typeKeepMs);
  return nowMs <= untilMs ? { why, untilMs } : null;
}

/** Of the planned time that it was made for; one made out of turn is kept as long as any of its type. */
function keepMsOf({ type, backup_time_utc }: ArchiveLabel, calendar: BackupCalendar): number | null {
  const takenMs = Date.parse(backup_time_utc);
  const planned = plannedBackups(calendar, { fromMs: takenMs - calendar.graceMs - 1, toMs: takenMs });
  const ofType = (slots: readonly (BackupSlot | undefined)[]): readonly number[] =>
    slots.flatMap((slot) => (slot?.type === type ? [slot.keepMs] : []));
  const meant = ofType(planned.map(({ slot }) => calendar.slots[slot]));
  const times = meant.length > 0 ? meant : ofType(Object.values(calendar.slots));
  return times.length === 0 ? null : Math.max(...times);
}
