import type { BackupCalendar, PlannedBackup } from '../core/backup-calendar.js';
import type { DueBackup } from '../core/backup-due.js';
import { isoIn } from '../core/local-time.js';
import type { WrittenBackup } from '../core/services.js';
import { type Bilingual, bi } from '../core/text.js';

/** What the calendar asks for, and what was missed: said before it is done. */
export function dueText({ due, missed, next }: DueBackup, calendar: BackupCalendar): readonly Bilingual[] {
  const at = ({ slot, atMs }: PlannedBackup): string => `${slot} ${isoIn(atMs, calendar.timeZone)}`;
  const then = next === null ? bi('', '') : bi(` Next: ${at(next)}.`, ` 下一次：${at(next)}。`);
  if (due === null) return [bi(`Nothing is due.${then.en}`, `目前没有到期的备份。${then.zh}`)];
  const [first] = missed;
  const lost =
    first === undefined
      ? []
      : [
          bi(
            `! ${missed.length} planned ${missed.length === 1 ? 'backup was' : 'backups were'} missed since ${at(first)}; this one stands for ${missed.length === 1 ? 'it' : 'them'}.`,
            `! 自 ${at(first)} 起错过 ${missed.length} 次计划备份；由本次一并补上。`,
          ),
        ];
  const late = due.late ? bi(', late', '，已延迟') : bi('', '');
  const what = due.type === 'full' ? bi('full', '全量') : bi('incremental', '增量');
  return [
    ...lost,
    bi(`Due: ${what.en} (${at(due.slot)}${late.en}).`, `到期：${what.zh}（${at(due.slot)}${late.zh}）。`),
  ];
}

/** The archive's path is the first line, as in `backup full`. */
export function doneText(
  { written, removed }: { readonly written: WrittenBackup; readonly removed: readonly string[] },
  { timeZone }: BackupCalendar,
): readonly Bilingual[] {
  const taken = isoIn(Date.parse(written.backupTimeUtc), timeZone);
  const what = written.type === 'full' ? bi('full', '全量') : bi('incremental', '增量');
  return [
    bi(written.path, written.path),
    bi(`  ${what.en}, ${taken}, ${written.bytes} bytes`, `  ${what.zh}，${taken}，${written.bytes} 字节`),
    ...(written.instead === null
      ? []
      : [
          bi(
            `  ! a full backup instead of an increment: ${written.instead.en}`,
            `  ! 改为全量备份：${written.instead.zh}`,
          ),
        ]),
    ...(removed.length === 0
      ? []
      : [bi(`  past their time and removed: ${removed.join(', ')}`, `  已过保留期并删除：${removed.join('、')}`)]),
  ];
}
