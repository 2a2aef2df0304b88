import type { FaultMeasurement } from '../../core/measurement.js';
import type { Result } from '../../core/result.js';
import { type Bilingual, bi } from '../../core/text.js';
import { revertCause } from '../events/faults.js';
import { moment } from '../text/format.js';
import { bad, good, type Mark, unsure } from '../text/words.js';
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

export function safetySection({ result, events }: Facts): Section {
  const armedMs = new Map(
    events.flatMap((event) => (event.type === 'undo.armed' ? [[event.step, event.ms] as const] : [])),
  );
  return {
    id: 'safety',
    title: bi('Safety', '安全'),
    blocks: [
      {
        kind: 'facts',
        rows: [
          { label: bi('Left on the target', '目标上的残留'), cell: residueCell(result) },
          { label: bi('Planned targets', '计划目标'), cell: cell(names(result.safety.planned)) },
          { label: bi('Touched targets', '实际触及'), cell: cell(names(result.safety.touched)) },
        ],
      },
      faultTable(result, armedMs),
      ...leftBlocks(result),
      ...openUndos(result),
      ...failedReverts(result),
    ],
  };
}

const names = (nodes: readonly string[]): Bilingual =>
  nodes.length === 0 ? bi('none', '无') : bi(nodes.join(', '), nodes.join('、'));

function residueCell({ residue, environment }: Result): Cell {
  const left = residue.left.length;
  if (environment.target === null && !residue.checked) return cell(bi('there was no target', '没有目标'));
  if (!residue.checked) return marked(unsure(bi('not checked', '未检查')));
  return left === 0 ? marked(good(bi('0 left', '0 项残留'))) : marked(bad(bi(`${left} left`, `${left} 项残留`)));
}

const yesNo = (yes: boolean): Mark => (yes ? good(bi('yes', '是')) : bad(bi('no', '否')));

const faultTable = ({ faults }: Result, armedMs: ReadonlyMap<string, number | null>): Block => ({
  kind: 'table',
  caption: bi('Every fault from armed to lifted', '每个故障从就绪到解除'),
  columns: [
    column('Step', '步骤'),
    column('Fault', '故障'),
    column('On', '目标'),
    column('Undo on disk', '撤销记录落盘', { number: true }),
    column('Requested', '请求', { number: true }),
    column('In effect', '生效', { number: true }),
    column('Confirmed', '已确认'),
    column('Lifted', '解除', { number: true }),
    column('Lifted by', '解除方式'),
    EVIDENCE_COLUMN,
  ],
  rows: faults.map((fault) => faultRow(fault, armedMs.get(fault.step) ?? null)),
  empty: bi('No fault was injected.', '没有注入任何故障。'),
});

const faultRow = (fault: FaultMeasurement, armedMs: number | null): readonly Cell[] => [
  code(fault.step),
  code(fault.name),
  cell(fault.scope === 'data' ? bi('data', '数据') : names(fault.targets)),
  cell(moment(armedMs)),
  cell(moment(fault.requestedAtMs)),
  cell(fault.effectiveAtMs === null ? bi('never', '从未') : moment(fault.effectiveAtMs)),
  marked(yesNo(fault.confirmed), { note: fault.detail }),
  cell(fault.revertedAtMs === null ? bi('never', '从未') : moment(fault.revertedAtMs)),
  fault.reverted ? cell(revertCause(fault.revertedBy ?? '?')) : marked(bad(bi('not lifted', '未解除'))),
  proof(fault.evidence),
];

function leftBlocks({ residue }: Result): readonly Block[] {
  if (residue.left.length === 0) return [];
  return [
    {
      kind: 'text',
      strong: true,
      text: bi('Still on; run `firedrill recover`:', '仍未撤销；请运行 `firedrill recover`：'),
    },
    {
      kind: 'list',
      items: residue.left.map((item) => cell(bi(`${item.undo}: ${item.what.en}`, `${item.undo}：${item.what.zh}`))),
      empty: bi('Nothing.', '无。'),
    },
  ];
}

function openUndos({ safety }: Result): readonly Block[] {
  if (safety.open.length === 0) return [];
  return [
    {
      kind: 'table',
      caption: bi('Undo records never seen reverted', '未见撤销的撤销记录'),
      columns: [column('Undo', '撤销记录'), column('Of', '所属'), column('Step', '步骤')],
      rows: safety.open.map((row) => [code(row.undo), code(row.undoer), code(row.step)]),
      empty: bi('All were reverted.', '均已撤销。'),
    },
  ];
}

function failedReverts({ safety }: Result): readonly Block[] {
  if (safety.failedReverts.length === 0) return [];
  return [
    {
      kind: 'table',
      caption: bi('Reverts that failed', '失败的撤销'),
      columns: [
        column('Undo', '撤销记录'),
        column('Step', '步骤'),
        column('Why', '原因', { wide: true }),
        EVIDENCE_COLUMN,
      ],
      rows: safety.failedReverts.map((row) => [code(row.undo), code(row.step), cell(row.detail), proof(row.evidence)]),
      empty: bi('None failed.', '没有失败的撤销。'),
    },
  ];
}
