/** Is there data to restore from? The newest archive at hand, verified now; or a healthy standby's replica. */
import type { Finding } from '../../core/decision.js';
import { bi } from '../../core/text.js';
import { archiveName, chooseArchive, everyArchiveFolder } from '../archives.js';
import type { Run } from '../context.js';
import { replicaCounts, type StandbySeen } from './standby.js';

export async function usableBackup(run: Run, wanted: string, standby: () => Promise<StandbySeen>): Promise<Finding> {
  const { archive, damaged } = await chooseArchive(run, wanted, { latestOf: everyArchiveFolder(run) });
  const names = damaged.map(({ path }) => archiveName(run, path));
  const values = { sound: archive === null ? null : archiveName(run, archive.info.path), damaged: names.length };
  const where = bi(`verification of the archives at ${wanted}`, `对 ${wanted} 处归档的校验`);
  const passedOver =
    names.length === 0 ? bi('', '') : bi(`; damaged: ${names.join(', ')}`, `；已损坏：${names.join('、')}`);
  if (archive !== null) {
    const { info } = archive;
    const file = archiveName(run, info.path);
    const written = run.journal.noted().filter((event) => event.type === 'backup.written' && event.file === file);
    return {
      answer: 'yes',
      why: bi(
        `${file} of ${info.backupTimeUtc} is sound${passedOver.en}`,
        `${file}（${info.backupTimeUtc}）完好${passedOver.zh}`,
      ),
      values: { ...values, backupTimeUtc: info.backupTimeUtc, sha256: info.sha256 },
      where,
      evidence: written.map(({ seq }) => seq),
    };
  }
  const replica = await standby();
  if (replicaCounts(replica.facts)) {
    const site = replica.facts?.site ?? '';
    return {
      answer: 'yes',
      why: bi(
        `no sound archive${passedOver.en}, but the replica of ${site} is healthy`,
        `没有完好的归档${passedOver.zh}，但 ${site} 的副本健康`,
      ),
      values: { ...values, replica: site },
      where: bi(`${where.en}; ${replica.finding.where.en}`, `${where.zh}；${replica.finding.where.zh}`),
      evidence: replica.finding.evidence,
    };
  }
  return {
    answer: 'no',
    why: bi(`no archive there is sound${passedOver.en}`, `该处没有完好的归档${passedOver.zh}`),
    values,
    where,
    evidence: [],
  };
}
