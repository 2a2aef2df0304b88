import type { Measurements } from '../../core/measurement.js';
import type { Result } from '../../core/result.js';
import { bi } from '../../core/text.js';
import { formatNumber, spanWithError } from '../text/format.js';
import { OPERATION } from '../text/words.js';
import type { Sources } from './build.js';
import { undoneAtTheEnd } from './questions.js';

type Worked = Result['worked'][number];

/** What to keep as it is, each with its proof. Nothing is praised that was not seen. */
export const whatWorked = ({ measurements: m }: Sources): readonly Worked[] => [
  ...recoveries(m),
  ...lossless(m),
  ...archives(m),
  ...integrity(m),
  ...lifted(m),
  ...people(m),
];

const recoveries = (m: Measurements): readonly Worked[] =>
  m.recovery
    .filter((row) => row.state === 'recovered')
    .map((row) => {
      const took = spanWithError(row.recoveryMs, row.errorMs);
      const operation = OPERATION[row.operation];
      return {
        text: bi(
          `After ${row.step}, ${operation.en} was stable again in ${took.en}.`,
          `${row.step} 之后，${operation.zh}在 ${took.zh}内恢复稳定。`,
        ),
        evidence: row.evidence,
      };
    });

function lossless({ ledger, loss }: Measurements): readonly Worked[] {
  if (ledger === null || loss === null || loss.records > 0) return [];
  const kept = formatNumber(ledger.acknowledged);
  const text = bi(`All ${kept} acknowledged entries were accounted for.`, `${kept} 条已确认的登记全部有据可查。`);
  return [{ text, evidence: ledger.evidence }];
}

const archives = (m: Measurements): readonly Worked[] =>
  m.restores
    .filter((restore) => restore.substeps.length > 0 && restore.substeps.every((substep) => substep.outcome === 'pass'))
    .map((restore) => ({
      text: restore.sixSteps
        ? bi(`${restore.file} was restored in the six steps.`, `${restore.file} 按六个步骤恢复成功。`)
        : bi(`${restore.file} was restored.`, `${restore.file} 恢复成功。`),
      evidence: restore.evidence,
    }));

function integrity({ integrity: checks }: Measurements): readonly Worked[] {
  if (checks.count !== 'pass' || checks.hash !== 'pass' || checks.functional !== 'pass') return [];
  const text = bi('Count, hash and function agreed after the recovery.', '恢复后数量、哈希与功能三项检查一致通过。');
  return [{ text, evidence: checks.evidence }];
}

function lifted({ faults, residue }: Measurements): readonly Worked[] {
  const biting = faults.filter((fault) => fault.confirmed);
  if (biting.length === 0 || !residue.checked || residue.left.length > 0) return [];
  if (biting.some((fault) => !fault.reverted || undoneAtTheEnd(fault.revertedBy))) return [];
  const text = bi(
    'Every fault was lifted by the recovery itself, and nothing was left.',
    '所有故障都由恢复步骤自身解除，没有任何残留。',
  );
  return [{ text, evidence: residue.evidence }];
}

function people({ people: who, steps }: Measurements): readonly Worked[] {
  const manual = steps.filter((step) => step.verb === 'manual');
  if (who.scripted || manual.length === 0) return [];
  if (manual.some((step) => step.outcome !== 'pass' || step.late)) return [];
  const text = bi('Every manual step was done, and in time.', '所有人工步骤均按时完成。');
  return [{ text, evidence: manual.flatMap((step) => step.evidence) }];
}
