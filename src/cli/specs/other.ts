import type { Command } from 'commander';
import { bi } from '../../core/text.js';
import { addCommand } from '../command.js';

export function addOtherCommands(program: Command, parts: { readonly completion: boolean }): void {
  if (parts.completion) addCompletion(program);
  addCommand(
    program,
    {
      name: 'schema',
      text: bi('print a JSON Schema, for editors and checks', '打印 JSON Schema，供编辑器与检查使用'),
      args: [
        {
          name: '[name]',
          text: bi('drill, recovery-plan or result (default: drill)', 'drill、recovery-plan 或 result（默认 drill）'),
        },
      ],
      examples: ['firedrill schema drill > drill.schema.json'],
    },
    async () => (await import('../commands/schema.js')).schema,
  );
  addCommand(
    program,
    {
      name: 'help',
      text: bi('help on a command, or on: exit-codes, rubric', '某个命令的帮助，或主题：exit-codes、rubric'),
      args: [{ name: '[topic...]', text: bi('a command, exit-codes or rubric', '命令、exit-codes 或 rubric') }],
      json: true,
      examples: ['firedrill help exit-codes', 'firedrill help rubric', 'firedrill help run'],
    },
    async () => (await import('../commands/help.js')).helpOf(program),
  );
}

function addCompletion(program: Command): void {
  addCommand(
    program,
    {
      name: 'completion',
      text: bi('print the completion script of a shell', '打印某个 shell 的补全脚本'),
      args: [{ name: '<shell>', text: bi('bash, zsh or fish', 'bash、zsh 或 fish') }],
      examples: ['source <(firedrill completion bash)'],
    },
    async () => (await import('../commands/completion.js')).completion,
  );
}
