import type { BackupMeasurement, RestoreMeasurement } from '../../core/measurement.js';
import type { Result } from '../../core/result.js';
import { type Bilingual, bi } from '../../core/text.js';
import { SUBSTEP } from '../events/data.js';
import { bytes, moment, span } from '../text/format.js';
import { OUTCOME } from '../text/words.js';
import { fallbackBlocks } from './fallback.js';
import { ledgerBlocks } from './ledger.js';
import {
  type Block,
  type Cell,
  cell,
  code,
  column,
  EVIDENCE_COLUMN,
  type Facts,
  marked,
  proof,
  type Section,
} from './model.js';

export const dataSection = ({ result, dates }: Facts): Section => ({
  id: 'data',
  title: bi('Data', '数据'),
  blocks: [
    ...ledgerBlocks(result),
    backupsTable(result, (iso) => dates.full(iso)),
    ...result.backups.map(backupSteps),
    ...result.fallbacks.flatMap((fallback) => fallbackBlocks(fallback, result, (iso) => dates.full(iso))),
    ...restoreBlocks(result),
  ],
});

const backupsTable = ({ backups }: Result, full: Facts['dates']['full']): Block => ({
  kind: 'table',
  caption: bi('Backups made by this run', '本次运行所做的备份'),
  columns: [
    column('Archive', '归档'),
    column('Kind', '类型'),
    column('Taken', '备份时刻'),
    column('Size', '大小', { number: true }),
    column('Services', '服务', { number: true }),
    column('Instances', '实例', { number: true }),
    column('SHA-256', 'SHA-256'),
    EVIDENCE_COLUMN,
  ],
  rows: backups.map((backup) => [
    code(backup.file),
    kindOf(backup),
    cell(full(backup.backupTimeUtc), { note: moment(backup.pointMs) }),
    cell(bytes(backup.bytes), shareOfFull(backup)),
    cell(String(backup.services)),
    cell(String(backup.instances)),
    code(backup.sha256),
    proof(backup.evidence),
  ]),
  empty: bi('This run made no backup.', '本次运行没有做备份。'),
});

const kindOf = ({ mode, instead }: BackupMeasurement): Cell => {
  if (mode === 'incremental') return cell(bi('incremental', '增量'));
  return instead === undefined
    ? cell(bi('full', '全量'))
    : cell(bi('full', '全量'), { note: bi(`instead of an increment: ${instead.en}`, `代替增量：${instead.zh}`) });
};

const shareOfFull = ({ bytes: own, fullBytes }: BackupMeasurement): { readonly note?: Bilingual } => {
  if (fullBytes === undefined || fullBytes === 0) return {};
  const share = `${((own / fullBytes) * 100).toFixed(1)} %`;
  return { note: bi(`${share} of its full one`, `为其全量的 ${share}`) };
};

const backupSteps = (backup: BackupMeasurement): Block => ({
  kind: 'fold',
  summary: bi(`The five steps of backup ${backup.step}`, `备份 ${backup.step} 的五个步骤`),
  blocks: [
    {
      kind: 'table',
      caption: bi(`Backup ${backup.step}`, `备份 ${backup.step}`),
      columns: [
        column('Step', '步骤'),
        column('Outcome', '结果'),
        column('Took', '用时', { number: true }),
        column('Detail', '说明', { wide: true }),
      ],
      rows: backup.substeps.map((substep) => [
        cell(SUBSTEP[substep.name]),
        marked(OUTCOME[substep.outcome]),
        cell(span(substep.tookMs)),
        cell(substep.detail),
      ]),
      empty: bi('No step of the backup was journaled.', '日志中没有备份步骤。'),
    },
  ],
});

const restoreBlocks = ({ restores }: Result): readonly Block[] =>
  restores.length === 0
    ? [{ kind: 'text', text: bi('This run restored nothing from an archive.', '本次运行没有从归档恢复。') }]
    : restores.map(restoreTable);

function restoreTable(restore: RestoreMeasurement): Block {
  const what =
    restore.service === null
      ? bi('everything', '全部数据')
      : bi(`service ${restore.service}`, `服务 ${restore.service}`);
  const six = restore.sixSteps ? bi(' in the six steps', '，按六个步骤') : bi('', '');
  return {
    kind: 'table',
    caption: bi(
      `Restore ${restore.step}: ${what.en} from ${restore.file}${six.en}`,
      `恢复 ${restore.step}：${what.zh}，来自 ${restore.file}${six.zh}`,
    ),
    columns: [
      column('Step', '步骤'),
      column('Outcome', '结果'),
      column('Began', '开始', { number: true }),
      column('Took', '用时', { number: true }),
      column('Expected', '预期', { number: true }),
      column('Detail', '说明', { wide: true }),
      EVIDENCE_COLUMN,
    ],
    rows: restore.substeps.map((substep) => [
      cell(SUBSTEP[substep.name]),
      marked(OUTCOME[substep.outcome]),
      cell(moment(substep.startMs)),
      cell(span(substep.tookMs)),
      cell(substep.expectMs === null ? bi('–', '–') : span(substep.expectMs)),
      cell(substep.detail),
      proof(substep.evidence),
    ]),
    empty: bi('No step of the restore was journaled.', '日志中没有恢复步骤。'),
  };
}
