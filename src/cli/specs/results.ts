import type { Command } from 'commander';
import { bi } from '../../core/text.js';
import { addCommand } from '../command.js';

const run = { name: '<run>', text: bi('a run folder or a run id', '运行文件夹或运行编号') };
const reports = {
  flags: '--out <dir>',
  text: bi('folder of the run folders', '运行文件夹所在目录'),
  fallback: 'reports',
};

export function addResultCommands(program: Command): void {
  addCommand(
    program,
    {
      name: 'score',
      text: bi('compute the score of a run again, from its journal alone', '仅凭日志重新计算一次运行的得分'),
      args: [run],
      options: [
        reports,
        { flags: '--explain', text: bi('print every lost point with its reason', '逐条说明失分原因') },
      ],
      json: true,
      examples: ['firedrill score reports/sample --explain'],
    },
    async () => (await import('../commands/score.js')).scoreRun,
  );
  addCommand(
    program,
    {
      name: 'report',
      text: bi('write the reports of a run again, from its journal alone', '仅凭日志重新生成一次运行的报告'),
      args: [run],
      options: [
        reports,
        { flags: '--to <dir>', text: bi('write them there instead of the run folder', '写到该目录而不是运行文件夹') },
        { flags: '--open', text: bi('open the page in a browser', '在浏览器中打开') },
      ],
      json: true,
      examples: ['firedrill report reports/sample', 'firedrill report 20261122T101500Z-etcd-leader-loss-7f3a --open'],
    },
    async () => (await import('../commands/report.js')).report,
  );
  addCommand(
    program,
    {
      name: 'verify',
      text: bi(
        'check the hash chain of a run’s journal and that its reports follow from it',
        '检查运行日志的哈希链以及报告是否由其得出',
      ),
      args: [run],
      options: [reports],
      json: true,
      examples: ['firedrill verify reports/sample'],
    },
    async () => (await import('../commands/verify.js')).verify,
  );
  addReview(program);
  addIssues(program);
}

function addReview(program: Command): void {
  addCommand(
    program,
    {
      name: 'review',
      text: bi(
        'record after a run what was found and decided: causes, actions, changes, late milestones, attendance',
        '在运行结束后记录复盘结论：原因、措施、变更、延后的里程碑、参加人员',
      ),
      args: [run],
      options: [
        reports,
        { flags: '--as <name>', text: bi('who records it', '由谁记录') },
        { flags: '--show', text: bi('only show what is recorded and what is open', '只显示已记录与未完成的内容') },
        {
          flags: '--answers <file>',
          text: bi('everything at once, from a YAML file', '从 YAML 文件一次性读入全部内容'),
        },
        {
          flags: '--root-cause <text...>',
          text: bi('FD-…=TEXT for an issue, TEXT for the run', '针对问题写 FD-…=文本；针对整次运行只写文本'),
        },
        { flags: '--action <text...>', text: bi('FD-…=TEXT: what is done about it', 'FD-…=文本：采取的措施') },
        {
          flags: '--owner <name>',
          text: bi('who does the actions (default: owner of the issue)', '措施负责人（默认：问题负责人）'),
        },
        {
          flags: '--due <time>',
          text: bi('until when (default: the issue’s deadline)', '截止时间（默认：问题的期限）'),
        },
        { flags: '--plan-changed <text...>', text: bi('what was changed in the recovery plan', '恢复预案的变更') },
        { flags: '--manual-changed <text...>', text: bi('what was changed in a manual', '操作手册的变更') },
        { flags: '--backup-policy <text...>', text: bi('what was changed in the backup policy', '备份策略的变更') },
        { flags: '--where <place>', text: bi('document and place of these changes', '这些变更所在的文档与章节') },
        { flags: '--kept <text...>', text: bi('what is kept as a standard', '固化为标准的做法') },
        {
          flags: '--milestone <id=time...>',
          text: bi(
            'reached after the run: T+24h=2026-11-24T10:15, or =now',
            '运行结束后达成：T+24h=2026-11-24T10:15，或 =now',
          ),
        },
        { flags: '--attended <name...>', text: bi('NAME or NAME:ROLE, there', '到场：姓名 或 姓名:角色') },
        { flags: '--absent <name...>', text: bi('NAME or NAME:ROLE, not there', '缺席：姓名 或 姓名:角色') },
      ],
      json: true,
      examples: [
        'firedrill review reports/sample --show',
        'firedrill review RUN --as alice --root-cause "FD-1a2b3c4d=the path in the manual was old" --action "FD-1a2b3c4d=correct chapter 3" --owner bob --due 2026-12-01',
        'firedrill review RUN --as alice --milestone T+24h=now --attended alice:commander bob:technical',
        'firedrill review RUN --as alice --answers review.yaml',
      ],
    },
    async () => (await import('../commands/review.js')).review,
  );
}

function addIssues(program: Command): void {
  const issues = addCommand(
    program,
    {
      name: 'issues',
      text: bi('the issue list across drills', '跨演练的问题清单'),
      examples: ['firedrill issues list'],
    },
    null,
  );
  const id = { name: '<id>', text: bi('issue id, e.g. FD-1a2b3c4d', '问题编号，如 FD-1a2b3c4d') };
  addCommand(
    issues,
    {
      name: 'list',
      text: bi('open issues, most urgent first', '未关闭的问题，最紧急的在前'),
      options: [reports, { flags: '--all', text: bi('closed ones too', '包括已关闭的') }],
      json: true,
      examples: ['firedrill issues list', 'firedrill issues list --all --json'],
    },
    async () => (await import('../commands/issues.js')).list,
  );
  addCommand(
    issues,
    {
      name: 'show',
      text: bi('one issue with its history', '单个问题及其历史'),
      args: [id],
      options: [reports],
      json: true,
      examples: ['firedrill issues show FD-1a2b3c4d'],
    },
    async () => (await import('../commands/issues.js')).show,
  );
  addCommand(
    issues,
    {
      name: 'close',
      text: bi('close an issue with a later run that passes the same rule', '用后来通过同一规则的运行关闭问题'),
      args: [id],
      options: [
        reports,
        { flags: '--verified-by <run>', text: bi('the run that proves it', '作为证明的运行') },
        {
          flags: '--by <name>',
          text: bi('who closes an issue that no rule can re-test', '由谁关闭无法由规则复测的问题'),
        },
        { flags: '--evidence <text>', text: bi('what proves it, with --by', '与 --by 同用：证据') },
      ],
      json: true,
      examples: ['firedrill issues close FD-1a2b3c4d --verified-by 20261122T101500Z-etcd-leader-loss-7f3a'],
    },
    async () => (await import('../commands/issues.js')).close,
  );
}
