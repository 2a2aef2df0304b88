import type { BackupSubstep, RestoreSubstep } from '../../core/drill.js';
import type { EventOf } from '../../core/journal.js';
import { type Bilingual, bi } from '../../core/text.js';
import { bytes, span } from '../text/format.js';
import { OUTCOME } from '../text/words.js';

type DataEvent = EventOf<
  | 'backup.substep'
  | 'backup.written'
  | 'restore.chosen'
  | 'archive.refused'
  | 'restore.tried'
  | 'restore.substep'
  | 'check.sampled'
>;

export const SUBSTEP: Readonly<Record<BackupSubstep | RestoreSubstep, Bilingual>> = {
  lock: bi('lock', '加锁'),
  export: bi('export', '导出'),
  compress: bi('compress', '压缩'),
  upload: bi('upload', '上传'),
  unlock: bi('unlock', '解锁'),
  'check-archive': bi('check the archive', '校验归档'),
  stop: bi('stop', '停止'),
  clear: bi('clear data', '清空数据'),
  restore: bi('restore', '恢复'),
  verify: bi('verify integrity', '校验完整性'),
  start: bi('start', '启动'),
  registrations: bi('verify registrations', '验证注册'),
};

export function dataText(event: DataEvent): Bilingual {
  switch (event.type) {
    case 'backup.substep':
    case 'restore.substep': {
      const name = SUBSTEP[event.name];
      const outcome = OUTCOME[event.outcome].text;
      const took = span(event.endedMs - event.startedMs);
      const kind = event.type === 'backup.substep' ? bi('Backup', '备份') : bi('Restore', '恢复');
      return bi(
        `${kind.en}, ${name.en}: ${outcome.en} in ${took.en}. ${event.detail.en}`,
        `${kind.zh}·${name.zh}：${outcome.zh}，用时 ${took.zh}。${event.detail.zh}`,
      );
    }
    case 'backup.written':
      return bi(
        `Backup ${event.file} written: ${bytes(event.bytes)}, ${event.instances} instances, SHA-256 ${event.sha256}`,
        `备份 ${event.file} 已写出：${bytes(event.bytes)}，${event.instances} 个实例，SHA-256 ${event.sha256}`,
      );
    case 'restore.chosen': {
      const what = event.service === null ? bi('everything', '全部数据') : bi(event.service, event.service);
      return bi(`Restore of ${what.en} from ${event.file} chosen`, `选定归档 ${event.file}，恢复 ${what.zh}`);
    }
    case 'archive.refused':
      return bi(
        `Archive ${event.file} refused before any data was touched: ${event.reason.en}`,
        `归档 ${event.file} 在触碰数据前被拒绝：${event.reason.zh}`,
      );
    case 'restore.tried':
      return triedText(event);
    case 'check.sampled': {
      const outcome = OUTCOME[event.outcome].text;
      const value = event.value === null ? '?' : String(event.value);
      return bi(
        `Check ${event.probe} = ${value}: ${outcome.en}. ${event.detail.en}`,
        `检查 ${event.probe} = ${value}：${outcome.zh}。${event.detail.zh}`,
      );
    }
  }
}

function triedText({ place, where, outcome, reason, file }: EventOf<'restore.tried'>): Bilingual {
  const at = bi(`Place ${place + 1} (${where.en})`, `第 ${place + 1} 处（${where.zh}）`);
  const why = reason ?? bi('', '');
  switch (outcome) {
    case 'taken':
      return file === null
        ? bi(`${at.en} is gone to: they register again`, `${at.zh}：转由其重新注册`)
        : bi(`${at.en}: ${file} is sound and is taken`, `${at.zh}：${file} 完好，予以采用`);
    case 'passed-over':
      return bi(
        `${at.en} passed over before any data was touched: ${why.en}`,
        `${at.zh} 在触碰数据前被跳过：${why.zh}`,
      );
    case 'failed':
      return bi(
        `${at.en}: the restore failed and the old data was put back: ${why.en}`,
        `${at.zh}：恢复失败，已放回原数据：${why.zh}`,
      );
  }
}
