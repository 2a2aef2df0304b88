/** 1: archives at the planned times in the last 7 days. */
import { type BackupCalendar, type PlannedBackup, plannedBackups } from '../../core/backup-calendar.js';
import { bi } from '../../core/text.js';
import {
  type Answered,
  allOf,
  answered,
  DAY_MS,
  planPlace,
  type Question,
  showTime,
  tierPlaces,
  unread,
} from '../answer.js';
import type { ArchiveRecord, ReadinessEvidence, TierReading } from '../evidence.js';

const WINDOW_MS = 7 * DAY_MS;
const SHOWN = 5;

export const scheduled: Question = {
  number: 1,
  group: 'backup',
  ask: bi('Are there scheduled backups?', '是否有定时备份任务？'),
  answer: (evidence) => {
    const { calendar } = evidence.plan;
    if (calendar === undefined) {
      return answered('no', bi('the plan has no backup calendar', '预案中没有备份日历'), planPlace(evidence));
    }
    if (evidence.tiers.length === 0) {
      return answered(
        'unknown',
        bi('the plan names no tiers to look in', '预案未列出可查看的存储层级'),
        planPlace(evidence),
      );
    }
    return slotsKept(evidence, calendar);
  },
};

function slotsKept(evidence: ReadinessEvidence, calendar: BackupCalendar): Answered {
  const { nowMs, tiers } = evidence;
  const archives = tiers.flatMap(({ archives: of }) => (of.read ? of.value : []));
  const planned = plannedBackups(calendar, { fromMs: nowMs - WINDOW_MS, toMs: nowMs - calendar.graceMs }).filter(
    (backup) => nowMs - backup.atMs <= stillKeptMs(backup, calendar, tiers),
  );
  const missed = planned.filter((backup) => !archives.some((archive) => fills(archive, backup, calendar)));
  const where = tierPlaces(evidence);
  const unseen = tiers.filter(({ archives: of }) => !of.read);
  if (unseen.length === tiers.length) return allOf(unseen.flatMap(({ archives: of }) => (of.read ? [] : [unread(of)])));
  if (planned.length === 0) return answered('unknown', bi('no backup was planned yet', '尚无计划的备份'), where);
  if (missed.length === 0) {
    const text = bi(
      `all ${planned.length} planned backups of the last 7 days are there`,
      `最近 7 天计划的 ${planned.length} 次备份全部存在`,
    );
    return answered('yes', text, where);
  }
  const some = missed
    .slice(-SHOWN)
    .map(({ slot, atMs }) => `${slot} ${showTime(atMs)}`)
    .join(', ');
  const text = bi(
    `missed ${missed.length} of ${planned.length} planned backups of the last 7 days; newest: ${some}`,
    `最近 7 天计划的 ${planned.length} 次备份中错过 ${missed.length} 次；最近的有：${some}`,
  );
  // What one tier lacks may lie in another that could not be looked at.
  return {
    answer: unseen.length === 0 ? 'no' : 'unknown',
    seen: [
      { text, where },
      ...unseen.flatMap(({ archives: of }) => (of.read ? [] : [{ text: of.why, where: of.where }])),
    ],
  };
}

/** How long an archive of this slot is there for certain: as long as its type or any tier keeps it. */
function stillKeptMs({ slot }: PlannedBackup, { slots }: BackupCalendar, tiers: readonly TierReading[]): number {
  const ofTiers = tiers.map(({ keepMs }) => keepMs ?? Number.POSITIVE_INFINITY);
  return Math.max(slots[slot]?.keepMs ?? 0, ...ofTiers);
}

/** Clocks of two hosts differ: an archive may seem a minute early. */
const EARLY_MS = 60_000;

/** A full one says all that an increment would have said. */
export function fills(
  archive: Pick<ArchiveRecord, 'type' | 'takenMs'>,
  { slot, atMs }: PlannedBackup,
  calendar: BackupCalendar,
): boolean {
  const fits = archive.type === 'full' || calendar.slots[slot]?.type === 'incremental';
  return fits && archive.takenMs >= atMs - EARLY_MS && archive.takenMs <= atMs + calendar.graceMs;
}
