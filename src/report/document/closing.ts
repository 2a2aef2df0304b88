import { bi } from '../../core/text.js';
import { formatNumber, span } from '../text/format.js';
import { cell, code, column, type Facts, type Section, same } from './model.js';

export const workedSection = ({ result }: Facts): Section => ({
  id: 'worked',
  title: bi('What worked', '做得好的'),
  blocks: [
    {
      kind: 'list',
      items: result.worked.map((row) => cell(row.text, { evidence: row.evidence })),
      empty: bi('Nothing that could be proven worked in this run.', '本次运行没有可以证明做得好的地方。'),
    },
    ...(result.readings.length === 0
      ? []
      : [
          {
            kind: 'text',
            strong: true,
            text: bi('How the rules were read, where it decided something:', '对规则的解读（在其影响结论之处）：'),
          } as const,
          { kind: 'list', items: result.readings.map((text) => cell(text)), empty: bi('None.', '无。') } as const,
        ]),
  ],
});

export function environmentSection({ result }: Facts): Section {
  const { environment: env, canary, journal } = result;
  return {
    id: 'environment',
    title: bi('Environment', '运行环境'),
    blocks: [
      {
        kind: 'facts',
        rows: [
          { label: bi('Firedrill', 'Firedrill'), cell: cell(result.firedrill) },
          { label: bi('Started by', '发起人'), cell: cell(env.startedBy) },
          {
            label: bi('Answers by', '回答人'),
            cell: cell(env.scriptedAnswers ? bi('a file', '文件') : same(env.answeredBy ?? '–')),
          },
          { label: bi('Command', '命令'), cell: code(env.argv.join(' ')) },
          {
            label: bi('Host', '主机'),
            cell: cell(`${env.host.name}, ${env.host.os}, Node ${env.host.node}, ${env.host.cpus} CPU`),
          },
          { label: bi('Drill SHA-256', '演练 SHA-256'), cell: code(result.drill.sha256) },
          ...(result.drill.why.risk === null
            ? []
            : [{ label: bi('Risk', '风险编号'), cell: cell(result.drill.why.risk) }]),
          {
            label: bi('Journal', '日志'),
            cell: cell(
              bi(
                `${formatNumber(journal.events)} events, ${formatNumber(journal.attempts)} client attempts`,
                `${formatNumber(journal.events)} 个事件，${formatNumber(journal.attempts)} 次客户端尝试`,
              ),
            ),
          },
          { label: bi('Head of its hash chain', '哈希链末端'), cell: code(journal.head) },
          {
            label: bi('Lateness of the canary schedule', '探针调度滞后'),
            cell: cell(
              bi(
                `99 % within ${span(canary.lagP99Ms).en}, most ${span(canary.lagMaxMs).en}`,
                `99 % 不超过 ${span(canary.lagP99Ms).zh}，最大 ${span(canary.lagMaxMs).zh}`,
              ),
            ),
          },
        ],
      },
      nodesTable(result),
      rolesTable(result),
    ],
  };
}

const nodesTable = ({ environment: { target } }: Facts['result']) =>
  ({
    kind: 'table',
    caption:
      target === null
        ? bi('Nodes', '节点')
        : bi(
            `${target.product} ${target.version}${target.lab === null ? '' : `, lab ${target.lab}`}: ${target.voters} voters, quorum ${target.quorum}`,
            `${target.product} ${target.version}${target.lab === null ? '' : `，实验集群 ${target.lab}`}：${target.voters} 个投票节点，法定数 ${target.quorum}`,
          ),
    columns: [
      column('Node', '节点'),
      column('URL', 'URL'),
      column('Leader at the start', '开始时为主'),
      column('Voter', '可投票'),
    ],
    rows: (target?.nodes ?? []).map((node) => [
      cell(node.name),
      code(node.url),
      cell(node.leader ? bi('yes', '是') : bi('no', '否')),
      cell(node.voter ? bi('yes', '是') : bi('no', '否')),
    ]),
    empty: bi('This drill has no registry as its target.', '本次演练没有目标注册中心。'),
  }) as const;

const rolesTable = ({ environment }: Facts['result']) =>
  ({
    kind: 'table',
    caption: bi('Roles', '角色'),
    columns: [column('Role', '角色'), column('People', '人员')],
    rows: [
      ...Object.entries(environment.roles).map(([role, people]) => [cell(role), cell(people.join(', '))]),
      ...(environment.unavailable.length === 0
        ? []
        : [[cell(bi('unavailable in this drill', '本次演练缺席')), cell(environment.unavailable.join(', '))]]),
    ],
    empty: bi('The drill names no roles.', '演练没有指定角色。'),
  }) as const;
