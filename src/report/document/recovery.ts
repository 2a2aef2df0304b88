import type { RecoveryMeasurement } from '../../core/measurement.js';
import type { Result, ResultObjective } from '../../core/result.js';
import { type Bilingual, bi } from '../../core/text.js';
import { type Bar, bars } from '../svg/bars.js';
import { moment, spanWithError } from '../text/format.js';
import { OPERATION, RECOVERY_STATE, VERDICT } from '../text/words.js';
import { type Block, cell, code, column, EVIDENCE_COLUMN, type Facts, marked, proof, type Section } from './model.js';
import { measuredText, objectiveTitle } from './verdict.js';

export const recoverySection = ({ result }: Facts): Section => ({
  id: 'recovery',
  title: bi('Recovery time and data loss', '恢复时间与数据丢失'),
  blocks: [
    recoveryChart(result),
    lostTimeChart(result),
    recordsChart(result),
    recoveryTable(result),
    ...estimate(result),
  ],
});

function recoveryChart(result: Result): Block {
  const objectives = result.objectives.filter((objective) => objective.id === 'rto');
  const rows = [
    ...objectives.map((objective) => objectiveBar(objective, result)),
    ...otherRecoveries(result).map(recoveryBar),
  ];
  return {
    kind: 'chart',
    id: 'chart-recovery',
    caption: bi(
      'Recovery times against target, 1.5 × target and the previous drill',
      '恢复时间，对照目标、1.5 × 目标和上次演练',
    ),
    image: rows.length === 0 ? null : bars({ captionId: 'chart-recovery', axis: 'span', bars: rows }),
    empty: bi(
      'No chart: there is neither an objective for recovery nor a measured recovery.',
      '无图：既没有恢复时间目标，也没有测得的恢复。',
    ),
  };
}

function lostTimeChart(result: Result): Block {
  const objective = result.objectives.find(({ id }) => id === 'rpo.time');
  return {
    kind: 'chart',
    id: 'chart-lost-time',
    caption: bi('Time of data lost', '数据丢失时长'),
    image:
      objective === undefined
        ? null
        : bars({ captionId: 'chart-lost-time', axis: 'span', bars: [objectiveBar(objective, result)] }),
    empty: bi('No chart: the drill sets no objective for lost time.', '无图：演练未设数据丢失时长的目标。'),
  };
}

function recordsChart(result: Result): Block {
  const objective = result.objectives.find(({ id }) => id === 'rpo.records');
  return {
    kind: 'chart',
    id: 'chart-records',
    caption: bi('Acknowledged records lost', '丢失的已确认记录'),
    image:
      objective === undefined
        ? null
        : bars({ captionId: 'chart-records', axis: 'records', bars: [objectiveBar(objective, result)] }),
    empty: bi('No chart: the drill sets no objective for lost records.', '无图：演练未设丢失记录数的目标。'),
  };
}

function objectiveBar(objective: ResultObjective, { previous, drill }: Result): Bar {
  const comparable = previous?.comparable === true ? previous : null;
  const before = { rto: comparable?.rtoMs, 'rpo.records': comparable?.lostRecords, 'rpo.time': null };
  return {
    title: objectiveTitle(objective, drill.kind),
    tone: VERDICT[objective.verdict].tone,
    value: (objective.id === 'rpo.records' ? objective.measured : objective.measuredMs) ?? null,
    error: objective.errorMs ?? null,
    limit: (objective.id === 'rpo.records' ? objective.limit : objective.limitMs) ?? null,
    previous: before[objective.id] ?? null,
    valueText: measuredText(objective),
  };
}

/** Every measured recovery but the one that the RTO bar already shows. */
const otherRecoveries = ({ recovery, objectives }: Result): readonly RecoveryMeasurement[] =>
  recovery.filter(
    (row) =>
      !objectives.some(({ id, step, operation }) => id === 'rto' && step === row.step && operation === row.operation),
  );

function recoveryBar(row: RecoveryMeasurement): Bar {
  const state = RECOVERY_STATE[row.state];
  return {
    title: recoveryTitle(row),
    tone: row.state === 'recovered' ? 'plain' : state.tone,
    value: row.recoveryMs,
    error: row.errorMs,
    limit: null,
    previous: null,
    valueText: row.recoveryMs === null ? state.text : spanWithError(row.recoveryMs, row.errorMs),
  };
}

const recoveryTitle = (row: RecoveryMeasurement): Bilingual =>
  bi(`${row.step}, ${OPERATION[row.operation].en}`, `${row.step}·${OPERATION[row.operation].zh}`);

const recoveryTable = ({ recovery }: Result): Block => ({
  kind: 'table',
  caption: bi('Recovery per fault and operation', '各故障、各操作的恢复'),
  columns: [
    column('Fault step', '故障步骤'),
    column('Operation', '操作'),
    column('State', '状态'),
    column('Recovery time', '恢复时间', { number: true }),
    column('Last good', '最后成功', { number: true }),
    column('First bad', '首次失败', { number: true }),
    column('Stable from', '稳定于', { number: true }),
    column('Failed attempts', '失败次数', { number: true }),
    EVIDENCE_COLUMN,
  ],
  rows: recovery.map((row) => [
    code(row.step),
    cell(OPERATION[row.operation]),
    row.why === null ? marked(RECOVERY_STATE[row.state]) : marked(RECOVERY_STATE[row.state], { note: row.why }),
    cell(spanWithError(row.recoveryMs, row.errorMs)),
    cell(orDash(row.lastGoodMs)),
    cell(orDash(row.firstBadMs)),
    cell(orDash(row.recoveredMs)),
    cell(String(row.failedAttempts)),
    proof(row.evidence),
  ]),
  empty: bi(
    'No recovery was measured: no fault took effect while clients were watching.',
    '未测得恢复：没有故障在客户端观察期间生效。',
  ),
});

const orDash = (ms: number | null): Bilingual => (ms === null ? bi('none', '无') : moment(ms));

function estimate({ people }: Result): readonly Block[] {
  if (people.estimatedRecoveryMs === null) return [];
  const time = spanWithError(people.estimatedRecoveryMs, null);
  return [
    {
      kind: 'text',
      text: bi(`Estimated by the players along the plan: ${time.en}.`, `参演人员沿预案估计的恢复时间：${time.zh}。`),
    },
  ];
}
