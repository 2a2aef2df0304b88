import type { LedgerMeasurement } from '../../core/measurement.js';
import type { Result } from '../../core/result.js';
import { bi } from '../../core/text.js';
import { formatNumber, moment, span } from '../text/format.js';
import { bad, good, LEDGER_CLASS, OUTCOME } from '../text/words.js';
import { type Block, cell, code, column, EVIDENCE_COLUMN, marked, proof } from './model.js';

export function ledgerBlocks(result: Result): readonly Block[] {
  const { ledger } = result;
  if (ledger === null) {
    return [
      {
        kind: 'text',
        text: bi(
          'No ledger: this drill made no writes, or no node could be read afterwards. Nothing is claimed about lost data.',
          '没有账本：本次演练没有写入，或事后没有任何节点可读。对数据丢失不作任何结论。',
        ),
      },
    ];
  }
  return [
    classTable(ledger),
    writesTable(ledger),
    nodeTable(ledger),
    samplesTable(ledger),
    lossFacts(result),
    integrityFacts(result),
  ];
}

const number = (value: number) => cell(formatNumber(value));

const classTable = (ledger: LedgerMeasurement): Block => ({
  kind: 'table',
  caption: bi('The ledger: every entry that clients wrote, by what became of it', '账本：客户端写入的每一条登记的下落'),
  columns: [
    column('Class', '类别'),
    column('Entries', '条数', { number: true }),
    column('Meaning', '含义', { wide: true }),
  ],
  rows: [
    [
      cell(bi('present', '存在')),
      number(ledger.present),
      cell(bi('there, at the acknowledged version', '存在，且为已确认的版本')),
    ],
    [
      cell(LEDGER_CLASS.lost),
      number(ledger.lost),
      cell(bi('acknowledged, and on no readable node', '已确认，却不在任何可读节点上')),
    ],
    [cell(LEDGER_CLASS.stale), number(ledger.stale), cell(bi('an older acknowledged version', '较旧的已确认版本'))],
    [
      cell(LEDGER_CLASS.ghost),
      number(ledger.ghost),
      cell(bi('a state only an unacknowledged write explains (legal)', '只能由未确认的写入解释的状态（合法）')),
    ],
    [
      cell(LEDGER_CLASS.resurrected),
      number(ledger.resurrected),
      cell(bi('deregistered, yet there', '已注销，却又出现')),
    ],
    [
      cell(LEDGER_CLASS.divergent),
      ledger.divergent === null ? cell(bi('unknown', '未知')) : number(ledger.divergent),
      ledger.divergent === null
        ? cell(bi('fewer than two nodes could be read: nothing to compare', '可读节点不足两个，无从比较'))
        : cell(bi('nodes disagree after settling', '稳定之后各节点仍不一致')),
    ],
    [
      cell(bi('re-registered', '重新注册')),
      number(ledger.reregistered),
      cell(bi('leased, registered again by its owner', '租约实例，由其所有者重新注册')),
    ],
    [
      cell(bi('of which lost, then healed', '其中先丢失后自愈')),
      number(ledger.healed),
      cell(
        bi(
          'gone while the lease still had to hold; not counted as lost, because the owner put it back',
          '租约仍应有效时已丢失；由所有者重新注册补回，因此不计入丢失',
        ),
      ),
    ],
  ],
  empty: bi('Nothing was written.', '没有写入。'),
});

const writesTable = (ledger: LedgerMeasurement): Block => ({
  kind: 'table',
  caption: bi('Writes by their answer', '写入按应答分类'),
  columns: [
    column('Counted', '统计口径'),
    column('Issued', '发出', { number: true }),
    column('Acknowledged', '已确认', { number: true }),
    column('Failed', '失败', { number: true }),
    column('Unknown', '结果未知', { number: true }),
  ],
  rows: [
    [
      cell(bi('entries, by their newest write', '登记（按最新写入）')),
      ...[ledger.issued, ledger.acknowledged, ledger.failed, ledger.unknown].map(number),
    ],
    [
      cell(bi('single writes', '单次写入')),
      ...[
        ledger.operations.issued,
        ledger.operations.acknowledged,
        ledger.operations.failed,
        ledger.operations.unknown,
      ].map(number),
    ],
  ],
  empty: bi('Nothing was written.', '没有写入。'),
});

const nodeTable = (ledger: LedgerMeasurement): Block => ({
  kind: 'table',
  caption: bi('What each node holds', '各节点所存'),
  columns: [
    column('Node', '节点'),
    column('Readable', '可读'),
    column('Present', '存在', { number: true }),
    column('Absent', '缺失', { number: true }),
    column('Stale', '陈旧', { number: true }),
    column('Ghost', '幽灵', { number: true }),
    column('Resurrected', '复活', { number: true }),
  ],
  rows: ledger.nodes.map((node) => [
    cell(node.node),
    marked(node.readable ? good(bi('yes', '是')) : bad(bi('no', '否'))),
    ...(node.readable
      ? [node.present, node.absent, node.stale, node.ghost, node.resurrected].map(number)
      : ['–', '–', '–', '–', '–'].map((text) => cell(text))),
  ]),
  empty: bi('No node was read.', '没有读取任何节点。'),
});

const samplesTable = (ledger: LedgerMeasurement): Block => ({
  kind: 'table',
  caption: bi(
    'Samples of entries that are not as they should be (at most 20 a class)',
    '异常登记样本（每类至多 20 条）',
  ),
  columns: [
    column('Class', '类别'),
    column('Entry', '登记'),
    column('Expected', '应为'),
    column('Seen', '实见', { wide: true }),
    EVIDENCE_COLUMN,
  ],
  rows: ledger.samples.map((sample) => [
    cell(LEDGER_CLASS[sample.class]),
    code(sample.entry),
    cell(sample.expected),
    cell(
      Object.entries(sample.seen)
        .map(([node, seen]) => `${node}: ${seen}`)
        .join(' · '),
    ),
    proof(sample.evidence),
  ]),
  empty: bi('No samples: every entry is as it should be.', '没有样本：所有登记均正常。'),
});

function lossFacts({ loss, restores }: Result): Block {
  if (loss === null) return { kind: 'text', text: bi('The loss of data could not be told.', '数据丢失情况无法判断。') };
  const cause = loss.cause ?? bi('–', '–');
  const noAge = restores.length === 0 ? bi('no restore', '没有恢复') : bi('unknown', '未知');
  const rows = [
    { label: bi('Records lost', '丢失记录'), cell: cell(formatNumber(loss.records), { evidence: loss.evidence }) },
    { label: bi('of which updates', '其中更新'), cell: number(loss.lostUpdates) },
    { label: bi('Time of data lost', '数据丢失时长'), cell: cell(span(loss.timeMs)) },
    {
      label: bi('Age of the recovery point', '恢复点年龄'),
      cell: cell(loss.recoveryPointAgeMs === null ? noAge : span(loss.recoveryPointAgeMs)),
    },
    { label: bi('Acknowledged after the fault, and lost', '故障之后确认却丢失'), cell: number(loss.afterFault) },
  ];
  const lost =
    loss.lossAtMs === null
      ? []
      : [{ label: bi('Moment and cause', '时刻与原因'), cell: cell(moment(loss.lossAtMs), { note: cause }) }];
  return { kind: 'facts', rows: [...rows, ...lost] };
}

const integrityFacts = ({ integrity }: Result): Block => ({
  kind: 'facts',
  rows: [
    { label: bi('Integrity by count', '完整性：数量'), cell: marked(OUTCOME[integrity.count]) },
    { label: bi('Integrity by hash', '完整性：哈希'), cell: marked(OUTCOME[integrity.hash]) },
    {
      label: bi('Integrity by function', '完整性：功能'),
      cell: marked(OUTCOME[integrity.functional], { evidence: integrity.evidence }),
    },
  ],
});
