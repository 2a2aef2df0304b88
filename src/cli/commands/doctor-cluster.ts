/** What is wrong with the nodes together, where each may be right by itself. */
import { type Bilingual, bi } from '../../core/text.js';
import type { Asked, Finding } from './doctor-finding.js';

export function clusterFindings(asked: readonly Asked[]): readonly Finding[] {
  const answering = asked.filter(({ status }) => status.outcome === 'ok');
  return [...half(asked, answering), ...strangers(answering)];
}

const names = (nodes: readonly Asked[]): string => nodes.map(({ node }) => node.name).join(', ');

/** None or all: the nodes say it themselves. */
function half(asked: readonly Asked[], answering: readonly Asked[]): readonly Finding[] {
  if (answering.length === 0 || answering.length === asked.length) return [];
  const silent = asked.filter((one) => !answering.includes(one));
  const text = bi(
    `${answering.length} of ${asked.length} nodes answer (${names(answering)}); ${names(silent)} do not`,
    `${asked.length} 个节点中有 ${answering.length} 个应答（${names(answering)}）；${names(silent)} 没有应答`,
  );
  const fix = bi(
    'A drill starts from a whole cluster: see these nodes first.',
    '演练须从完整的集群开始：请先处理这些节点。',
  );
  return [{ check: 'cluster', ok: false, text, fix }];
}

/** By the cluster's id where there is one; else two nodes that each lead are of two clusters. */
function strangers(answering: readonly Asked[]): readonly Finding[] {
  const ids = new Set(answering.map(clusterOf).filter((id) => id !== null));
  const groups = [...ids].map((id) => answering.filter((one) => clusterOf(one) === id));
  const leaders = answering.filter(({ node, status }) => status.outcome === 'ok' && status.value.leader === node.name);
  if (groups.length <= 1 && leaders.length <= 1) return [];
  const text: Bilingual =
    groups.length > 1
      ? parts(groups)
      : bi(`${names(leaders)} each lead: they are not one cluster`, `${names(leaders)} 各自为主：它们不是同一个集群`);
  const fix = bi(
    'Name only the nodes of one cluster; a drill would count votes that are none.',
    '请只写同一个集群的节点；否则演练会把无关的节点计入票数。',
  );
  return [{ check: 'cluster', ok: false, text, fix }];
}

const clusterOf = ({ status, who }: Asked): string | null =>
  (status.outcome === 'ok' ? status.value.clusterId : null) ?? who?.clusterId ?? null;

function parts(groups: readonly (readonly Asked[])[]): Bilingual {
  const list = groups.map((group) => `${names(group)} (${group[0] === undefined ? '' : clusterOf(group[0])})`);
  return bi(
    `the nodes are of ${groups.length} clusters: ${list.join(' and ')}`,
    `这些节点属于 ${groups.length} 个集群：${list.join(' 与 ')}`,
  );
}
