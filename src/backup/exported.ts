/** What the sub-step `export` tells of what it got. */
import type { Registry } from '../core/registry.js';
import { type Bilingual, bi } from '../core/text.js';
import type { Exported } from './export.js';
import type { Changes } from './increment.js';
import type { Parent } from './parent.js';
import type { Done } from './substep.js';

/** No registry of ours has a lock that would stop all clients; what stands in for it. */
export const NO_LOCK = ({ backup, product }: Registry): Bilingual => {
  if (backup.contentOf !== undefined) {
    return bi('not needed: the listing is read out of the copy itself', '不需要：列表直接取自副本本身');
  }
  return bi(
    `${product} has none: a second reading proves what changed meanwhile`,
    `${product} 没有只读锁：通过第二次读取证明期间哪些条目发生了变化`,
  );
};

interface Full {
  readonly type: 'full';
  readonly exported: Exported;
  readonly instead: Bilingual | null;
}

export function fullExported(value: Full): Done<Full> {
  const { exported, instead } = value;
  const { node, leader, stable, notStable, looks, entries, native, settings, status } = exported;
  const leased = entries.filter((entry) => entry.leased).length;
  const from = fromNode(exported);
  const why =
    instead === null
      ? bi('', '')
      : bi(`a full backup instead of an increment: ${instead.en}; `, `改为全量备份：${instead.zh}；`);
  const doubt = stable ? bi('', '') : notStableText(notStable.length);
  const lacks = notListed(settings !== null, exported.accessRules.state !== 'unknown');
  const counts = { entries: entries.length, leased, settings: settings?.length ?? null, notStable: notStable.length };
  const certain = stable && settings !== null && exported.accessRules.state !== 'unknown';
  return {
    value,
    outcome: certain ? 'pass' : 'unknown',
    detail: bi(
      `${why.en}exported ${entries.length} instances from ${from.en} at revision ${status.revision}; ${leased} leased ones are listed but not restored${lacks.en}${doubt.en}`,
      `${why.zh}从${from.zh}导出 ${entries.length} 个实例（修订号 ${status.revision}）；其中 ${leased} 个带租约，仅列出、不恢复${lacks.zh}${doubt.zh}`,
    ),
    facts: {
      type: 'full',
      node,
      leader,
      revision: status.revision,
      stable,
      looks,
      nativeBytes: native.length,
      ...counts,
    },
  };
}

interface Increment {
  readonly type: 'incremental';
  readonly changes: Changes;
  readonly parent: Parent;
}

export function changesExported(value: Increment): Done<Increment> {
  const { changes, parent } = value;
  const { entries, settings, stable, notStable, status, node, leader, method } = changes;
  const removed = entries.filter(({ after }) => after === null).length;
  const put = entries.length - removed;
  const { file, revision: from } = parent.link;
  const lacks = notListed(changes.settingsListed, changes.accessRules.state !== 'unknown');
  const how =
    method === 'revision'
      ? bi('by the registry’s own history', '依据注册中心自身历史')
      : bi('by comparing content', '依据内容比对');
  const doubt = stable ? bi('', '') : notStableText(notStable.length);
  const counts = { put, removed, settings: settings.length, notStable: notStable.length };
  return {
    value,
    outcome: stable && changes.settingsListed && changes.accessRules.state !== 'unknown' ? 'pass' : 'unknown',
    detail: bi(
      `${put} new or changed and ${removed} removed instances, ${settings.length} settings from ${fromNode(changes).en} since ${file}, revision ${from} to ${status.revision}, ${how.en}${lacks.en}${doubt.en}`,
      `自 ${file} 以来（修订号 ${from} 至 ${status.revision}，${how.zh}）从${fromNode(changes).zh}得到新增或变更实例 ${put} 个、删除 ${removed} 个、设置 ${settings.length} 项${lacks.zh}${doubt.zh}`,
    ),
    facts: {
      type: 'incremental',
      method,
      parent: file,
      from,
      revision: status.revision,
      node,
      leader,
      stable,
      ...counts,
    },
  };
}

const fromNode = ({ node, leader }: Pick<Exported, 'node' | 'leader'>): Bilingual =>
  leader ? bi(`the leader ${node}`, `主节点 ${node}`) : bi(`${node} (no leader)`, `${node}（无主节点）`);

/** What nobody could list, as without a majority; a native copy may hold it all the same. */
function notListed(settings: boolean, rules: boolean): Bilingual {
  if (settings && rules) return bi('', '');
  if (rules) return bi('; the settings could not be listed', '；无法列出配置');
  if (settings) return bi('; the access rules could not be listed', '；无法列出访问规则');
  return bi('; neither settings nor access rules could be listed', '；无法列出配置与访问规则');
}

const notStableText = (count: number): Bilingual =>
  bi(
    `; writes went on, so listing and native copy may differ: ${count} entries changed between two readings and are recorded as not stable`,
    `；期间仍有写入，列表与原生副本可能不一致：两次读取之间有 ${count} 个条目变化，记为不稳定`,
  );
