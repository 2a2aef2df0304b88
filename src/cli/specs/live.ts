import type { Command } from 'commander';
import { LEVELS } from '../../core/drill.js';
import { bi } from '../../core/text.js';
import { addCommand } from '../command.js';

const optionalRun = { name: '[run]', text: bi('run id (default: the only one)', '运行编号（默认：唯一的那个）') };

export function addLiveCommands(program: Command): void {
  addCommand(
    program,
    {
      name: 'status',
      text: bi('what is running now, and what was left on', '正在运行什么，以及有什么残留'),
      json: true,
      examples: ['firedrill status'],
    },
    async () => (await import('../commands/live.js')).status,
  );
  addCommand(
    program,
    {
      name: 'abort',
      text: bi(
        'stop a run from another terminal: it undoes its faults and writes its report',
        '从另一终端停止运行：撤销故障并写出报告',
      ),
      args: [optionalRun],
      json: true,
      examples: ['firedrill abort'],
    },
    async () => (await import('../commands/live.js')).abort,
  );
  addCommand(
    program,
    {
      name: 'recover',
      text: bi(
        'undo whatever a killed run left on, and prove that nothing is left',
        '撤销被杀死的运行留下的一切，并证明无残留',
      ),
      args: [optionalRun],
      json: true,
      examples: ['firedrill recover', 'firedrill recover 20261122T101500Z-etcd-leader-loss-7f3a'],
    },
    async () => (await import('../commands/recover.js')).recover,
  );
  addProblem(program);
}

const run = {
  flags: '--run <run>',
  text: bi('run id (default: the only one that is going on)', '运行编号（默认：唯一进行中的）'),
};
const who = { flags: '--as <name>', text: bi('who reports it', '由谁报告') };

function addProblem(program: Command): void {
  const problem = addCommand(
    program,
    {
      name: 'problem',
      text: bi('record a problem met during a run that is going on', '记录进行中的演练遇到的问题'),
      examples: ['firedrill problem open --title "backup path is wrong" --priority P1 --as bob'],
    },
    null,
  );
  addProblemOpen(problem);
  addProblemSolve(problem);
}

function addProblemOpen(problem: Command): void {
  addCommand(
    problem,
    {
      name: 'open',
      text: bi('a problem was found', '发现问题'),
      options: [
        run,
        who,
        { flags: '--title <text>', text: bi('what is wrong', '问题是什么') },
        {
          flags: '--id <id>',
          text: bi(
            'short name to solve it by (default: made from the title)',
            '用于解决时引用的短名（默认由标题生成）',
          ),
        },
        { flags: '--priority <level>', text: bi('priority', '优先级'), choices: LEVELS, fallback: 'P2' },
      ],
      json: true,
      examples: ['firedrill problem open --title "restore script fails" --priority P1 --as bob'],
    },
    async () => (await import('../commands/problem.js')).open,
  );
}

function addProblemSolve(problem: Command): void {
  addCommand(
    problem,
    {
      name: 'solve',
      text: bi('a problem is solved', '问题已解决'),
      args: [{ name: '<id>', text: bi('the problem', '问题') }],
      options: [
        run,
        who,
        { flags: '--solution <text>', text: bi('what was done', '做了什么') },
        {
          flags: '--fallback <outcome>',
          text: bi('a fallback was used: did it work?', '使用了备用方案：是否有效？'),
          choices: ['worked', 'failed'],
        },
        { flags: '--decided-by <name>', text: bi('who decided', '由谁决策') },
        { flags: '--reason <text>', text: bi('why so', '决策理由') },
      ],
      json: true,
      examples: [
        'firedrill problem solve restore-script-fails --solution "used the previous archive" --fallback worked --decided-by alice --reason "no time to repair" --as bob',
      ],
    },
    async () => (await import('../commands/problem.js')).solve,
  );
}
