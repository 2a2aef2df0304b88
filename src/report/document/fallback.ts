import type { FallbackMeasurement, FallbackTry } from '../../core/measurement.js';
import type { Result } from '../../core/result.js';
import { type Bilingual, bi } from '../../core/text.js';
import { span } from '../text/format.js';
import { bad, good, type Mark } from '../text/words.js';
import { type Block, cell, code, column, EVIDENCE_COLUMN, type Facts, marked, proof } from './model.js';

/** What a restore tried before it had something to restore from, and what going on to that cost. */
export const fallbackBlocks = (
  fallback: FallbackMeasurement,
  result: Pick<Result, 'loss'>,
  full: Facts['dates']['full'],
): readonly Block[] => [
  {
    kind: 'table',
    caption: bi(`What restore ${fallback.step} tried, in order`, `恢复 ${fallback.step} 依次尝试的来源`),
    columns: [
      column('Place', '来源'),
      column('Archive', '归档'),
      column('Backup of', '备份时刻'),
      column('Outcome', '结果'),
      column('Told after', '告知用时', { number: true }),
      column('Why', '原因', { wide: true }),
      EVIDENCE_COLUMN,
    ],
    rows: fallback.tries.map((one) => [
      cell(one.where),
      one.file === null ? cell(bi('–', '–')) : code(one.file),
      cell(one.backupTimeUtc === null ? bi('–', '–') : full(one.backupTimeUtc)),
      marked(TRY[one.outcome]),
      cell(one.toldMs === null ? bi('?', '?') : span(one.toldMs)),
      cell(one.reason ?? bi('', '')),
      proof(one.evidence),
    ]),
    empty: bi('Nothing was tried.', '没有尝试任何来源。'),
  },
  { kind: 'text', text: costOf(fallback, result) },
];

const TRY: Readonly<Record<FallbackTry['outcome'], Mark>> = {
  taken: good(bi('taken', '采用')),
  damaged: bad(bi('damaged', '损坏')),
  key: bad(bi('the key does not open it', '密钥打不开')),
  none: bad(bi('nothing there', '没有归档')),
  refused: bad(bi('not for this registry', '不适用于此注册中心')),
  failed: bad(bi('restore failed', '恢复失败')),
};

function costOf(
  { taken, byOwners, newestUtc, olderByMs, lostBetween }: FallbackMeasurement,
  { loss }: Pick<Result, 'loss'>,
): Bilingual {
  const lost =
    loss === null
      ? bi('how many writes were lost is not known', '丢失多少写入未知')
      : bi(`${loss.records} acknowledged writes were lost in this run`, `本次运行共丢失 ${loss.records} 条已确认写入`);
  if (byOwners) {
    return bi(
      `What it cost: no archive was used; the owners registered again what they know. In all, ${lost.en}.`,
      `代价：未使用任何归档，由所有者按其所知重新注册。${lost.zh}。`,
    );
  }
  if (taken === null)
    return bi('Nothing was restored: every place was passed over.', '未恢复任何数据：所有来源均被跳过。');
  if (newestUtc === null || olderByMs === null) {
    return bi(
      `What it cost is not known: what was passed over does not tell of when it was. In all, ${lost.en}.`,
      `代价未知：被跳过的归档未说明其备份时刻。${lost.zh}。`,
    );
  }
  if (olderByMs === 0) {
    return bi(
      `What it cost: no data; what was taken is as new as the newest that was passed over. In all, ${lost.en}.`,
      `代价：没有数据损失，所用归档与被跳过的最新归档同样新。${lost.zh}。`,
    );
  }
  const between =
    lostBetween === null ? bi('an unknown number', '数量未知') : bi(String(lostBetween), ` ${lostBetween} 条`);
  return bi(
    `What it cost: what was taken is ${span(olderByMs).en} older than the newest that should have been there. In all, ${lost.en}; ${between.en} of them were acknowledged between the two backups and are the price of falling back.`,
    `代价：所用归档比本应可用的最新归档早 ${span(olderByMs).zh}。${lost.zh}，其中${between.zh}在两次备份之间得到确认，即回退的代价。`,
  );
}
