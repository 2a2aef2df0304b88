/** 4: nothing past its time. */
import { type BackupCalendar, plannedBackups } from '../../core/backup-calendar.js';
import { bi } from '../../core/text.js';
import { type Answered, allOf, answered, DAY_MS, planPlace, type Question } from '../answer.js';
import type { ArchiveRecord, TierReading } from '../evidence.js';
import { fills } from './scheduled.js';

/** Whoever prunes once a day is in time. */
const TOLERANCE_MS = DAY_MS;

export const retention: Question = {
  number: 4,
  group: 'backup',
  ask: bi('Are old backups removed regularly?', '是否定期清理过期备份？'),
  answer: (evidence) => {
    const { calendar } = evidence.plan;
    if (calendar === undefined || evidence.tiers.length === 0) {
      return answered(
        'unknown',
        bi('the plan says not how long backups are kept', '预案未说明备份保留多久'),
        planPlace(evidence),
      );
    }
    return allOf(evidence.tiers.map((tier) => tierKept(tier, calendar, evidence.nowMs)));
  },
};

function tierKept({ tier, archives, keepMs }: TierReading, calendar: BackupCalendar, nowMs: number): Answered {
  const { where } = archives;
  if (!archives.read) return answered('unknown', archives.why, where);
  if (archives.value.length === 0)
    return answered('unknown', bi(`${tier} holds no archive`, `${tier} 上没有归档`), where);
  const past = keepMs === null ? [] : pastItsTime(archives.value, { keepMs, calendar, nowMs: nowMs - TOLERANCE_MS });
  if (past.length === 0) {
    const text = bi(
      `nothing on ${tier} is past its time (${archives.value.length} archives)`,
      `${tier} 上没有过期归档（共 ${archives.value.length} 个）`,
    );
    return answered('yes', text, where);
  }
  const names = past
    .slice(0, 3)
    .map(({ file }) => file)
    .join(', ');
  return answered(
    'no',
    bi(
      `${past.length} archives on ${tier} are past their time: ${names}`,
      `${tier} 上有 ${past.length} 个归档已过期：${names}`,
    ),
    where,
  );
}

/** Both its type's and its tier's time have passed, and nothing that is kept needs it. */
function pastItsTime(
  archives: readonly ArchiveRecord[],
  rule: { readonly keepMs: number; readonly calendar: BackupCalendar; readonly nowMs: number },
): readonly ArchiveRecord[] {
  const isOld = (archive: ArchiveRecord): boolean => {
    const ageMs = rule.nowMs - archive.takenMs;
    return ageMs > rule.keepMs && ageMs > typeKeepMs(archive, rule.calendar);
  };
  const old = archives.filter(isOld);
  const byFile = new Map(archives.map((archive) => [archive.file, archive]));
  const needed = new Set<string>();
  for (const kept of archives.filter((archive) => !old.includes(archive))) {
    let parent = kept.parent;
    while (parent !== null && !needed.has(parent)) {
      needed.add(parent);
      parent = byFile.get(parent)?.parent ?? null;
    }
    needed.add(kept.base);
  }
  return old.filter(({ file }) => !needed.has(file));
}

/** The longest of the slots that the archive fills; one made by hand is kept as long as any of its type. */
function typeKeepMs(archive: ArchiveRecord, calendar: BackupCalendar): number {
  const span = { fromMs: archive.takenMs - calendar.graceMs - 1, toMs: archive.takenMs + 60_000 };
  const filled = plannedBackups(calendar, span).filter((planned) => fills(archive, planned, calendar));
  const named = filled.map(({ slot }) => calendar.slots[slot]).filter((slot) => slot?.type === archive.type);
  const slots = named.length > 0 ? named : Object.values(calendar.slots).filter(({ type }) => type === archive.type);
  return Math.max(0, ...slots.map((slot) => slot?.keepMs ?? 0));
}
