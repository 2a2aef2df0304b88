import type { Command } from 'commander';
import { bi } from '../../core/text.js';
import { addCommand, type OptionSpec } from '../command.js';
import { ENCRYPTING_KEYS } from './keys.js';
import { planOption } from './tiers.js';

export const emptyIsRight: OptionSpec = {
  flags: '--empty-is-right',
  text: bi(
    'write it although the registry holds nothing and the newest backup does',
    '即使注册中心为空而最近的备份不为空，也照样写出',
  ),
};

/** Of `backup`: the job that a scheduler starts. */
export function addBackupRun(backup: Command, target: OptionSpec): void {
  addCommand(
    backup,
    {
      name: 'run',
      text: bi(
        'do what the calendar of the recovery plan asks for now (full, daily, hourly), then retention; nothing when nothing is due',
        '按恢复预案的备份日历执行当前到期的备份（全量、每日、每小时），随后清理过期备份；无到期则不做任何事',
      ),
      options: [
        target,
        planOption,
        {
          flags: '--to <place>',
          text: bi(
            'tier or folder (default: the first tier that is a folder)',
            '层级或目录（默认：第一个目录类型的层级）',
          ),
        },
        ...ENCRYPTING_KEYS,
        emptyIsRight,
        { flags: '--dry-run', text: bi('only say what is due', '只说明何者到期') },
        {
          flags: '--print-units <scheduler>',
          text: bi(
            'print what starts this at the planned times, and do nothing',
            '打印按计划时间启动本命令的配置，不执行备份',
          ),
          choices: ['cron', 'systemd'],
        },
      ],
      json: true,
      examples: [
        'firedrill backup run --target lab:etcd-3 --plan recovery-plan.yaml --to backups',
        'firedrill backup run --target registry.yaml --plan recovery-plan.yaml --dry-run',
        'firedrill backup run --target registry.yaml --plan recovery-plan.yaml --print-units systemd',
      ],
    },
    async () => (await import('../commands/backup-run.js')).run,
  );
}
