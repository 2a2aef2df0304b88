import { type Bilingual, bi } from '../core/text.js';
import type { Readiness } from './evaluate.js';
import type { Section } from './sections.js';
import type { Elsewhere, TargetFinding } from './target.js';

/** Whose answers these are, and what did not count for them. [] = of no registry in particular. */
export function targetSection({ target }: Pick<Readiness, 'target'>): readonly Section[] {
  if (target === null) return [];
  const details = [...noId(target), ...target.leftOut.map((left) => leftOutText(left, target))];
  return [{ title: bi('Target', '目标'), lines: [{ answer: null, text: presentText(target), details }] }];
}

function presentText(target: TargetFinding): Bilingual {
  const { product, version, clusterId, services, instances, durable, node, leader } = target;
  const cluster = clusterId === null ? bi('', '') : bi(`, cluster ${clusterId}`, `，集群 ${clusterId}`);
  const from = leader
    ? bi(`by its leader ${node}`, `据主节点 ${node}`)
    : bi(`by ${node}, without a leader: later writes may be missing`, `据 ${node}，无主节点：可能缺少较新的写入`);
  return bi(
    `${product} ${version}${cluster.en}: ${services} services, ${instances} instances, ${durable} durable ones (${from.en})`,
    `${product} ${version}${cluster.zh}：服务 ${services} 个，实例 ${instances} 个，其中持久 ${durable} 个（${from.zh}）`,
  );
}

const noId = ({ product, clusterId }: TargetFinding): readonly Bilingual[] =>
  clusterId === null
    ? [
        bi(
          `${product} has no cluster id: archives of another ${product} cannot be told from its own, and count`,
          `${product} 没有集群标识：无法区分其他 ${product} 的备份，均计入`,
        ),
      ]
    : [];

function leftOutText({ what, where, count, product, clusterId }: Elsewhere, target: TargetFinding): Bilingual {
  const noun = what === 'archives' ? bi('archives', '个备份') : bi('runs', '次运行');
  if (product !== target.product) {
    return bi(
      `${count} ${noun.en} of ${product} do not count [${where}]`,
      `${product} 的 ${count} ${noun.zh}不计入 [${where}]`,
    );
  }
  const of =
    clusterId === null ? bi('which tell no cluster', '未写明集群') : bi(`of cluster ${clusterId}`, `集群 ${clusterId}`);
  return bi(
    `${count} ${noun.en} ${of.en} do not count: after a full restore ${product} has a new id, and needs a new backup [${where}]`,
    `${of.zh}的 ${count} ${noun.zh}不计入：完整恢复后 ${product} 有新的标识，需要重新备份 [${where}]`,
  );
}
