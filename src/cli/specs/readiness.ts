import type { Command } from 'commander';
import { bi } from '../../core/text.js';
import { addCommand } from '../command.js';

const plan = {
  flags: '--plan <file>',
  text: bi(
    'recovery plan (default: recovery-plan.yaml here, else the built-in one)',
    '恢复预案（默认当前目录的 recovery-plan.yaml，否则内置预案）',
  ),
};
const target = {
  flags: '--target <target>',
  text: bi(
    'of this registry alone: a drill file, a file with only a target, or lab:NAME; archives of other products or clusters, and runs on other products, do not count',
    '只针对该注册中心：演练文件、只含 target 的文件，或 lab:名称；其他产品或集群的备份、其他产品上的运行均不计入',
  ),
};
const reports = {
  flags: '--out <dir>',
  text: bi('folder of the run folders', '运行文件夹所在目录'),
  fallback: 'reports',
};

export function addReadinessCommands(program: Command): void {
  addCommand(
    program,
    {
      name: 'readiness',
      text: bi(
        'answer the 16 questions of disaster recovery from evidence; exit 1 when a required one is “no”',
        '根据证据回答容灾自查的 16 个问题；必答问题为“否”时退出 1',
      ),
      options: [
        target,
        plan,
        reports,
        { flags: '--markdown', text: bi('a page to keep, as Markdown', '输出 Markdown 文档') },
        {
          flags: '--no-read-back',
          text: bi('do not read the newest chain back from every tier', '不从各层级回读最新的备份链'),
        },
      ],
      json: true,
      examples: [
        'firedrill readiness',
        'firedrill readiness --target lab:etcd-3 --plan recovery-plan.yaml',
        'firedrill readiness --plan drills/recovery-plan.yaml --markdown > readiness.md',
      ],
    },
    async () => (await import('../commands/readiness.js')).readiness,
  );
  addCommand(
    program,
    {
      name: 'calendar',
      text: bi(
        'which kinds of drill are due and overdue, from the recorded runs; exit 1 when one is overdue',
        '根据运行记录列出到期与逾期的演练类型；有逾期时退出 1',
      ),
      options: [plan, reports],
      json: true,
      examples: ['firedrill calendar', 'firedrill calendar --plan drills/recovery-plan.yaml --json'],
    },
    async () => (await import('../commands/calendar.js')).calendar,
  );
}
