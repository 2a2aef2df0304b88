/** What a backup calendar asks for now, from the backups that there are: no state of its own that could be lost or lie. */
import type { ArchiveType } from './backup.js';
import { type BackupCalendar, type PlannedBackup, plannedBackups } from './backup-calendar.js';

export interface TakenBackup {
  readonly type: ArchiveType;
  /** Epoch ms. */
  readonly atMs: number;
}

export interface DueBackup {
  /** Null = nothing is due. */
  readonly due: {
    readonly type: ArchiveType;
    /** The newest planned one that this does; of a full one, the newest planned full one. */
    readonly slot: PlannedBackup;
    /** It comes later than the calendar's grace. */
    readonly late: boolean;
  } | null;
  /** Planned since the newest backup and never made: this one stands for all of them. Oldest first. */
  readonly missed: readonly PlannedBackup[];
  readonly next: PlannedBackup | null;
}

/** Slots name weekdays: whatever is planned comes at least once within this. */
const CYCLE_MS = 8 * 86_400_000;

/**
 * A backup does its slot when it was made at or after the planned time; a full one does an increment's slot too. What was
 * missed is made up by one backup, the newest; a full one that was missed comes before increments.
 */
export function dueBackup(calendar: BackupCalendar, taken: readonly TakenBackup[], nowMs: number): DueBackup {
  const planned = plannedBackups(calendar, { fromMs: nowMs - CYCLE_MS, toMs: nowMs });
  const isFull = ({ slot }: PlannedBackup): boolean => calendar.slots[slot]?.type === 'full';
  const newestMs = latest(taken);
  const newestFullMs = latest(taken.filter(({ type }) => type === 'full'));
  const lastFull = planned.filter(isFull).at(-1);
  const last = planned.at(-1);
  const next = plannedBackups(calendar, { fromMs: nowMs, toMs: nowMs + CYCLE_MS })[0] ?? null;
  const fullDue = lastFull !== undefined && newestFullMs < lastFull.atMs;
  const slot = fullDue ? lastFull : last;
  if (slot === undefined || (!fullDue && newestMs >= slot.atMs)) return { due: null, missed: [], next };
  const done = new Set([slot.atMs, last?.atMs]);
  const since = planned.filter(({ atMs }) => atMs > newestMs && !done.has(atMs));
  return {
    due: {
      type: fullDue ? 'full' : 'incremental',
      slot,
      late: nowMs - slot.atMs > calendar.graceMs,
    },
    // Before the first backup there was nothing to miss.
    missed: taken.length === 0 ? [] : since,
    next,
  };
}

const latest = (taken: readonly TakenBackup[]): number =>
  taken.reduce((newest, { atMs }) => Math.max(newest, atMs), Number.NEGATIVE_INFINITY);
