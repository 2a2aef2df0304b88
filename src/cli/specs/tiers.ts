import type { Command } from 'commander';
import { bi } from '../../core/text.js';
import { addCommand, type OptionSpec } from '../command.js';

export const planOption: OptionSpec = {
  flags: '--plan <file>',
  text: bi(
    'recovery plan with the tiers (default: the one that comes with Firedrill)',
    '含各备份层级的恢复预案（默认：自带预案）',
  ),
};

/** Of `backup`: what moves and removes archives. */
export function addTierCommands(backup: Command): void {
  addCommand(
    backup,
    {
      name: 'copy',
      text: bi(
        'copy an archive, with all that it stands on, to another tier or folder; run again, it continues',
        '将备份连同其依赖的整条链复制到其他层级或目录；再次执行即可继续',
      ),
      args: [{ name: '<archive>', text: bi('its name or path, or “latest”', '备份名称或路径，或 “latest”') }],
      options: [
        {
          flags: '--from <place>',
          text: bi('tier or folder (default: the folder of the path)', '层级或目录（默认：该路径所在目录）'),
        },
        { flags: '--to <place>', text: bi('tier or folder', '层级或目录') },
        { flags: '--limit-rate <rate>', text: bi('at most so fast, like 10MiB/s', '速率上限，例如 10MiB/s') },
        planOption,
      ],
      json: true,
      examples: [
        'firedrill backup copy latest --from backups --to nas --plan recovery-plan.yaml',
        'firedrill backup copy latest --from local --to object --limit-rate 10MiB/s --plan recovery-plan.yaml',
      ],
    },
    async () => (await import('../commands/backup-copy.js')).copy,
  );
  addCommand(
    backup,
    {
      name: 'prune',
      text: bi(
        'remove what is past its type’s and its tier’s time and what nothing that is kept needs; says why of each',
        '删除类型与层级保留期均已过、且没有保留的备份所依赖的备份；逐一说明理由',
      ),
      options: [
        { flags: '--tier <name>', text: bi('only this tier', '只处理该层级') },
        { flags: '--dry-run', text: bi('only show what would go', '只显示将删除什么') },
        planOption,
      ],
      json: true,
      examples: ['firedrill backup prune --dry-run --plan recovery-plan.yaml'],
    },
    async () => (await import('../commands/backup-prune.js')).prune,
  );
}
