import type { OperationAvailability, RecoveryMeasurement } from '../../core/measurement.js';
import type { Result } from '../../core/result.js';
import { type Bilingual, bi } from '../../core/text.js';
import { type Band, bandsOf } from '../svg/availability.js';
import type { Marker } from '../svg/markers.js';
import { MOST_BANDS, timeline, type Window } from '../svg/timeline.js';
import { type Dates, formatNumber, moment, percent, span } from '../text/format.js';
import { MILESTONE_STATE, OPERATION, PHASE } from '../text/words.js';
import { type Block, cell, column, type Facts, type Section } from './model.js';

export function timelineSection({ result, dates }: Facts): Section {
  const bands = result.availability.map((operation) => ({ operation, bands: bandsOf(operation) }));
  const thinnedSome = bands.some((row) => row.bands.length > MOST_BANDS);
  return {
    id: 'timeline',
    title: bi('Timeline', '时间线'),
    blocks: [
      {
        kind: 'chart',
        id: 'chart-timeline',
        caption: bi(
          'What clients felt, under what was broken, beside what was done',
          '客户端的感受、当时的故障与采取的动作',
        ),
        image: result.phases.length === 0 ? null : draw(result, bands),
        empty: bi('No timeline: no phase began.', '无时间线：没有任何阶段开始。'),
      },
      ...(thinnedSome ? [thinnedNote] : []),
      availabilityTable(bands),
      ...outages(bands),
      milestonesTable(result, dates),
    ],
  };
}

const thinnedNote: Block = {
  kind: 'text',
  text: bi(
    'The run is long: each stripe stands for several slices and shows the worst of them. The tables below count every attempt.',
    '运行较长：图中每一条代表多个时间片，并显示其中最差的状态；下方表格统计每一次尝试。',
  ),
};

type Row = { readonly operation: OperationAvailability; readonly bands: readonly Band[] };

function draw(result: Result, rows: readonly Row[]) {
  const ends = [
    ...result.phases.flatMap((phase) => [phase.startMs, phase.endMs ?? phase.startMs]),
    ...rows.flatMap((row) => row.bands.map((band) => band.toMs)),
    ...result.faults.map((fault) => fault.revertedAtMs ?? 0),
  ];
  const toMs = ends.reduce((most, end) => Math.max(most, end), 1);
  return timeline({
    captionId: 'chart-timeline',
    fromMs: 0,
    toMs,
    phases: result.phases.map((phase) => ({
      title: PHASE[phase.phase],
      fromMs: phase.startMs,
      toMs: phase.endMs ?? toMs,
    })),
    faults: faultWindows(result, toMs),
    operations: rows.map(({ operation, bands }) => ({ title: OPERATION[operation.operation], bands })),
    markers: markersOf(result),
  });
}

const faultWindows = ({ faults }: Result, endMs: number): readonly Window[] =>
  faults.map((fault) => {
    const targets = fault.targets.length === 0 ? '' : ` ${fault.targets.join(', ')}`;
    const unsure = fault.confirmed ? bi('', '') : bi(' (not confirmed)', '（未确认）');
    return {
      title: bi(`${fault.name}${targets}${unsure.en}`, `${fault.name}${targets}${unsure.zh}`),
      fromMs: fault.effectiveAtMs ?? fault.requestedAtMs,
      toMs: fault.revertedAtMs ?? endMs,
    };
  });

function markersOf(result: Result): readonly Marker[] {
  const recovered = result.recovery.flatMap((row): Marker[] =>
    row.recoveredMs === null ? [] : [{ kind: 'recovered', title: stableTitle(row), atMs: row.recoveredMs }],
  );
  const acts = result.steps.flatMap((step): Marker[] =>
    (step.verb === 'recover' || step.verb === 'restore' || step.verb === 'degrade') && step.startMs !== null
      ? [{ kind: 'act', title: step.title ?? bi(step.id, step.id), atMs: step.startMs }]
      : [],
  );
  const problems = result.problems.flatMap((problem): Marker[] => [
    ...(problem.openedMs === null ? [] : [{ kind: 'detect', title: problem.title, atMs: problem.openedMs } as const]),
    ...(problem.solvedMs === null || problem.decision === null
      ? []
      : [{ kind: 'decide', title: problem.solution ?? problem.title, atMs: problem.solvedMs } as const]),
  ]);
  const decided = result.steps.flatMap((step): Marker[] =>
    step.verb === 'decide' && step.endMs !== null
      ? [{ kind: 'decide', title: step.title ?? bi(step.id, step.id), atMs: step.endMs }]
      : [],
  );
  const zeroMs = milestoneZero(result);
  const milestones = result.milestones.flatMap((milestone): Marker[] =>
    milestone.actualMs === null || milestone.reviewed !== null
      ? []
      : [{ kind: 'milestone', title: milestone.title, atMs: zeroMs + milestone.actualMs }],
  );
  return [...recovered, ...acts, ...problems, ...decided, ...milestones];
}

const stableTitle = ({ step, operation }: RecoveryMeasurement): Bilingual =>
  bi(`${OPERATION[operation].en} stable (${step})`, `${OPERATION[operation].zh}已稳定（${step}）`);

/** Milestones count from the first fault, or from the start of execute without one. */
function milestoneZero({ faults, phases }: Result): number {
  const first = faults.map((fault) => fault.effectiveAtMs ?? fault.requestedAtMs).sort((a, b) => a - b)[0];
  return first ?? phases.find((phase) => phase.phase === 'execute')?.startMs ?? 0;
}

const availabilityTable = (rows: readonly Row[]): Block => ({
  kind: 'table',
  caption: bi('Availability per operation over the whole run', '整个运行期间各操作的可用性'),
  columns: [
    column('Operation', '操作'),
    column('Attempts', '尝试', { number: true }),
    column('Succeeded', '成功', { number: true }),
    column('Failed', '失败', { number: true }),
    column('Unknown', '结果未知', { number: true }),
    column('Share', '成功率', { number: true }),
    column('Time without success', '完全中断时长', { number: true }),
  ],
  rows: rows.map(({ operation, bands }) => [
    cell(OPERATION[operation.operation]),
    cell(formatNumber(operation.attempts)),
    cell(formatNumber(operation.ok)),
    cell(formatNumber(operation.failed)),
    cell(formatNumber(operation.unknown)),
    cell(operation.attempts === 0 ? '–' : percent(operation.ok / operation.attempts, 2)),
    cell(span(downMs(bands))),
  ]),
  empty: bi(
    'No client traffic: this drill has no canary clients, or it ended before they began.',
    '没有客户端流量：本次演练没有探针客户端，或在其启动前就已结束。',
  ),
});

const downMs = (bands: readonly Band[]): number =>
  bands.filter((band) => band.state === 'down').reduce((total, band) => total + band.toMs - band.fromMs, 0);

/** The bands again in words, for those who do not see the chart. */
function outages(rows: readonly Row[]): readonly Block[] {
  const cells = rows.flatMap(({ operation, bands }) =>
    bands
      .filter((band) => band.state === 'down' || band.state === 'degraded')
      .map((band) => [
        cell(OPERATION[operation.operation]),
        cell(band.state === 'down' ? bi('down', '中断') : bi('degraded', '降级')),
        cell(moment(band.fromMs)),
        cell(moment(band.toMs)),
        cell(`${formatNumber(band.ok)} / ${formatNumber(band.ok + band.bad)}`),
      ]),
  );
  if (cells.length === 0) return [];
  return [
    {
      kind: 'fold',
      summary: bi(`The ${cells.length} windows in which attempts failed`, `出现失败的 ${cells.length} 个时间窗`),
      blocks: [
        {
          kind: 'table',
          caption: bi('Windows in which attempts failed', '出现失败的时间窗'),
          columns: [
            column('Operation', '操作'),
            column('State', '状态'),
            column('From', '起', { number: true }),
            column('To', '止', { number: true }),
            column('Succeeded', '成功', { number: true }),
          ],
          rows: cells.slice(0, MOST_BANDS),
          empty: bi('No attempt failed.', '没有失败的尝试。'),
        },
      ],
    },
  ];
}

function milestonesTable({ milestones }: Result, dates: Dates): Block {
  return {
    kind: 'table',
    caption: bi('Milestones of the recovery plan', '预案里程碑'),
    columns: [
      column('Milestone', '里程碑'),
      column('What', '内容', { wide: true }),
      column('Planned', '计划', { number: true }),
      column('Actual', '实际', { number: true }),
      column('State', '状态'),
      column('Evidence', '证据'),
    ],
    rows: milestones.map((milestone) => [
      cell(milestone.id),
      cell(milestone.title, milestoneNote(milestone)),
      cell(span(milestone.plannedMs), milestone.dueAt === null ? {} : { note: dates.full(milestone.dueAt) }),
      cell(milestone.actualMs === null ? bi('–', '–') : span(milestone.actualMs)),
      { mark: MILESTONE_STATE[milestone.state] },
      { evidence: milestone.evidence },
    ]),
    empty: bi('The recovery plan names no milestone.', '预案没有里程碑。'),
  };
}

const milestoneNote = ({ reviewed }: Result['milestones'][number]): { readonly note?: Bilingual } =>
  reviewed === null
    ? {}
    : { note: bi(`after the run, by the word of ${reviewed.by}`, `运行结束后，由 ${reviewed.by} 记录`) };
